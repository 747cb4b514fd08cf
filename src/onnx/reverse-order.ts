import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { type DType, isInteger } from '../tensor/dtype.ts';

/**
 * −x, so that a maximum becomes a minimum. Integers are negated in int64: their own type may lack the negative of its
 * smallest value, or negatives at all. `dtype` is the type of a result that is turned back.
 */
export function reverseOrder(b: GraphBuilder, x: ValueId, dtype?: DType): ValueId {
  const own = b.dtype(x);
  const wide = isInteger(own) || own === 'bool' ? 'int64' : own;
  return b.push({ kind: 'add', inputs: [x], shape: b.shape(x), dtype: dtype ?? wide, coefficients: [-1] });
}

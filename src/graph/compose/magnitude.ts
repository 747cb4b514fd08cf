import { sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { negate } from './arithmetic.ts';

/** |x| as max(x, −x); an unsigned tensor is its own magnitude. */
export function magnitude(b: GraphBuilder, x: ValueId): ValueId {
  if (b.dtype(x).startsWith('uint')) return x;
  const shape = b.shape(x);
  const size = sizeOf(shape);
  const gather = Int32Array.from({ length: 2 * size }, (_, i) => (i % 2) * size + Math.floor(i / 2));
  return b.push({ kind: 'max', inputs: [x, negate(b, x)], shape, dtype: b.dtype(x), window: 2, gather });
}

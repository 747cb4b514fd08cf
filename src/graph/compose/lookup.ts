import type { DType } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { compare, retype, scale } from './arithmetic.ts';
import { linearRows } from './linear.ts';
import { constant, filled, reshape } from './movement.ts';

/**
 * table[index] for a computed integer index in [0, table.length). Free when the entries are evenly spaced, otherwise
 * one equality per entry.
 */
export function lookup(b: GraphBuilder, index: ValueId, table: Float64Array, dtype: DType): ValueId {
  const step = table.length > 1 ? table[1] - table[0] : 0;
  if (table.every((value, i) => value === table[0] + i * step)) {
    if (step === 0) return filled(b, b.shape(index), table[0], dtype);
    return scale(b, retype(b, index, dtype), step, table[0]);
  }
  const keys = Float64Array.from(table, (_, i) => i);
  return match(b, index, keys, table, 0, dtype);
}

/** values[i] where x equals keys[i] (which differ), else `otherwise`; one equality per key. */
export function match(
  b: GraphBuilder,
  x: ValueId,
  keys: Float64Array,
  values: Float64Array,
  otherwise: number,
  dtype: DType,
): ValueId {
  const shape = b.shape(x);
  const size = sizeOf(shape);
  const column = reshape(b, x, [size, 1]);
  const row = constant(b, [1, keys.length], keys, b.dtype(x));
  const equal = retype(b, compare(b, 'eq', column, row), dtype);
  const weight = values.map((value) => value - otherwise);
  const bias = Float64Array.of(otherwise);
  return reshape(b, linearRows(b, { x: equal, rows: size, depth: keys.length, outs: 1, weight, bias }), shape);
}

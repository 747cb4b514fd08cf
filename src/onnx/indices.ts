import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { add, compare, retype, scale } from '../graph/compose/arithmetic.ts';
import { constant, reshape } from '../graph/compose/movement.ts';
import { ShapeError, sizeOf } from '../tensor/shape.ts';

/** Constant indices into an axis of `length` elements, counted from the back where negative. */
export function resolveIndices(indices: Float64Array, length: number): Int32Array {
  const resolved = new Int32Array(indices.length);
  for (let i = 0; i < resolved.length; i++) resolved[i] = resolveIndex(indices[i], length);
  return resolved;
}

export function resolveIndex(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new ShapeError(`index ${index} is outside an axis of ${length} elements`);
  }
  return index < 0 ? index + length : index;
}

/** Computed indices with the negative ones moved to the front; one comparison each where they may be negative. */
export function countFromFront(b: GraphBuilder, index: ValueId, length: number): ValueId {
  if (isNonNegative(b, index)) return index;
  const dtype = b.dtype(index);
  const zero = constant(b, [], Float64Array.of(0), dtype);
  const negative = retype(b, compare(b, 'lt', index, zero), dtype);
  return add(b, index, scale(b, negative, length));
}

/** Whether the value cannot be negative by the way it is made. */
function isNonNegative(b: GraphBuilder, id: ValueId): boolean {
  const node = b.node(id);
  if (node.kind === 'map') return node.fill >= 0 && node.inputs.every((input) => isNonNegative(b, input));
  if (node.kind === 'topk') return node.result === 'indices';
  return node.dtype.startsWith('uint') || node.kind === 'argmax' || node.kind === 'compare';
}

/** [size, length] booleans: where a computed index equals 0, …, length − 1. One equality each; none holds outside. */
export function oneHot(b: GraphBuilder, index: ValueId, length: number): ValueId {
  const size = sizeOf(b.shape(index));
  const column = reshape(b, index, [size, 1]);
  const keys = new Float64Array(sizeOf([length])).map((_, i) => i);
  return compare(b, 'eq', column, constant(b, [1, length], keys, b.dtype(index)));
}

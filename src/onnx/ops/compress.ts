import type { ValueId } from '../../graph/builder.ts';
import { constant, move, reshape } from '../../graph/compose/movement.ts';
import { normaliseAxis, ShapeError, sizeOf, stridesOf } from '../../tensor/shape.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';

/** The slices along an axis (or the elements of the flattened tensor) whose constant condition is true. */
function compress(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const given = inputShape(context, 0);
  const flat = !attributes.has('axis');
  const shape = flat ? [sizeOf(given)] : given;
  const axis = flat ? 0 : normaliseAxis(attributes.int('axis'), shape.length);
  const kept = placesOf(constantInput(context, 1, 'condition'));
  if (kept.length > 0 && kept[kept.length - 1] >= shape[axis])
    throw new ShapeError(`the condition is longer than axis ${axis} of [${shape}]`);
  const inner = stridesOf(shape)[axis];
  const target = shape.map((dim, i) => (i === axis ? kept.length : dim));
  const source = new Int32Array(sizeOf(target));
  for (let i = 0; i < source.length; i++) {
    const row = Math.floor(i / inner);
    const outer = Math.floor(row / kept.length);
    source[i] = (outer * shape[axis] + kept[row % kept.length]) * inner + (i % inner);
  }
  return [move(b, [reshape(b, input(context, 0), shape)], target, source)];
}

/** Coordinates of the elements of a constant that are not zero, one column each. */
function nonZero(context: OpContext): ValueId[] {
  const data = constantInput(context, 0, 'the tensor to search');
  const shape = inputShape(context, 0);
  const found = placesOf(data);
  const columns = new Float64Array(sizeOf([shape.length, found.length]));
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const row = columns.subarray(axis * found.length);
    for (let j = 0; j < found.length; j++) row[j] = Math.floor(found[j] / stride) % shape[axis];
  }
  return [constant(context.b, [shape.length, found.length], columns, 'int64')];
}

/** Where a tensor is not zero, ascending. */
function placesOf(data: Float64Array): Int32Array {
  const places = new Int32Array(data.length);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) places[count++] = i;
  return places.subarray(0, count);
}

export const ops: OpTable = { Compress: compress, NonZero: nonZero };

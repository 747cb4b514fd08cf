import type { ValueId } from '../../graph/builder.ts';
import { concat as join, slice } from '../../graph/compose/movement.ts';
import { normaliseAxis, ShapeError } from '../../tensor/shape.ts';
import { allInputs, constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';

function concat(context: OpContext): ValueId[] {
  const { attributes, b, opset } = context;
  const first = inputShape(context, 0);
  const axis = normaliseAxis(opset < 4 ? attributes.int('axis', 1) : attributes.int('axis'), first.length);
  const parts = allInputs(context);
  if (first.length === 0) throw new ShapeError('scalars do not join along an axis');
  for (const part of parts) {
    const shape = b.shape(part);
    if (shape.length !== first.length || shape.some((dim, i) => i !== axis && dim !== first[i])) {
      throw new ShapeError(`[${first}] and [${shape}] do not join along axis ${axis}`);
    }
  }
  return [join(b, parts, axis)];
}

function split(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const axis = normaliseAxis(attributes.int('axis', 0), shape.length);
  if (shape.length === 0) throw new ShapeError('a scalar does not split');
  const sizes = [...partSizes(context, shape[axis])];
  if (sizes.some((size) => size < 0) || sizes.reduce((sum, size) => sum + size, 0) !== shape[axis]) {
    throw new ShapeError(`parts of sizes [${sizes}] do not make up axis ${axis} of [${shape}]`);
  }
  let start = 0;
  return sizes.map((size) => {
    const part = slice(b, input(context, 0), axis, start, size);
    start += size;
    return part;
  });
}

/** Sizes are an attribute (opset 2 to 12), an operand, or equal; since opset 18 the last of `num_outputs` may be less. */
function partSizes(context: OpContext, length: number): Iterable<number> {
  const { attributes, inputs, opset, outputCount } = context;
  if (attributes.has('split') || inputs[1] !== undefined) {
    const given = attributes.has('split') ? attributes.ints('split') : constantInput(context, 1, 'split');
    if (given.length === outputCount) return given;
    throw new ShapeError(`${given.length} parts for ${outputCount} outputs`);
  }
  const parts = opset < 18 ? outputCount : attributes.int('num_outputs', outputCount);
  if (parts !== outputCount) throw new ShapeError(`num_outputs is ${parts}, but the node has ${outputCount} outputs`);
  if (opset < 18 && length % parts !== 0) throw new ShapeError(`${length} elements do not split into ${parts} parts`);
  const size = Math.ceil(length / parts);
  return Array.from({ length: parts }, (_, i) => (i < parts - 1 ? size : length - size * (parts - 1)));
}

export const ops: OpTable = { Concat: concat, Split: split };

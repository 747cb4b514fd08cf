import type { ValueId } from '../../graph/builder.ts';
import { reshape as relabel, transpose } from '../../graph/compose/movement.ts';
import { normaliseAxis, type Shape, ShapeError, sizeOf } from '../../tensor/shape.ts';
import { axisList, input, inputShape, type OpContext, type OpTable } from '../op.ts';

function reshape(context: OpContext): ValueId[] {
  const { attributes, b, opset } = context;
  const asked = opset < 5 ? attributes.ints('shape') : axisList(context, 1, 'shape');
  const target = resolveShape(inputShape(context, 0), asked, attributes.int('allowzero', 0) === 1);
  return [relabel(b, input(context, 0), target)];
}

/** A requested shape with its 0 (copy the dimension, unless `allowZero`) and −1 (whatever is left) filled in. */
export function resolveShape(shape: Shape, asked: readonly number[], allowZero: boolean): number[] {
  const target = asked.map((dim, axis) => (dim === 0 && !allowZero ? (shape[axis] ?? Number.NaN) : dim));
  const free = target.indexOf(-1);
  if (free >= 0) {
    const rest = sizeOf(target.filter((_, axis) => axis !== free));
    target[free] = rest === 0 ? 0 : sizeOf(shape) / rest;
  }
  if (!target.every(Number.isInteger) || sizeOf(target) !== sizeOf(shape)) {
    throw new ShapeError(`[${shape}] does not reshape to [${asked}]`);
  }
  return target;
}

function flatten(context: OpContext): ValueId[] {
  const shape = inputShape(context, 0);
  const axis = context.attributes.int('axis', 1);
  const cut = axis === shape.length ? axis : normaliseAxis(axis, shape.length);
  const target = [sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut))];
  return [relabel(context.b, input(context, 0), target)];
}

/** Axes are an attribute before opset 13, an operand since; `undefined` when absent. */
function axesOf(context: OpContext): readonly number[] | undefined {
  const { attributes, inputs, opset } = context;
  if (opset < 13) return attributes.has('axes') ? attributes.ints('axes') : undefined;
  return inputs[1] === undefined ? undefined : axisList(context, 1, 'axes');
}

function squeeze(context: OpContext): ValueId[] {
  const shape = inputShape(context, 0);
  const given = axesOf(context)?.map((axis) => normaliseAxis(axis, shape.length));
  const dropped = new Set(given ?? shape.flatMap((dim, axis) => (dim === 1 ? [axis] : [])));
  for (const axis of dropped) {
    if (shape[axis] !== 1) throw new ShapeError(`axis ${axis} of [${shape}] is not 1 and cannot be squeezed`);
  }
  const target = shape.filter((_, axis) => !dropped.has(axis));
  return [relabel(context.b, input(context, 0), target)];
}

function unsqueeze(context: OpContext): ValueId[] {
  const shape = inputShape(context, 0);
  const axes = axesOf(context) ?? [];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => normaliseAxis(axis, rank)));
  if (added.size < axes.length) throw new ShapeError(`axes [${axes}] name one axis twice`);
  let next = 0;
  const target = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : shape[next++]));
  return [relabel(context.b, input(context, 0), target)];
}

function permute(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const rank = inputShape(context, 0).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const order = attributes.ints('perm', [...axes].reverse());
  if (order.length !== rank || !axes.every((axis) => order.includes(axis))) {
    throw new ShapeError(`perm [${order}] does not order the ${rank} axes`);
  }
  return [transpose(b, input(context, 0), order)];
}

export const ops: OpTable = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: permute,
};

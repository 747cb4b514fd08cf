import type { ValueId } from '../../graph/builder.ts';
import { move } from '../../graph/compose/movement.ts';
import { normaliseAxis, ShapeError, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { axisList, input, inputShape, type OpContext, type OpTable, optionalConstant } from '../op.ts';

interface Bounds {
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
  readonly axes: ArrayLike<number> | undefined;
  readonly steps: ArrayLike<number> | undefined;
}

/** Attributes before opset 10, operands since. */
function boundsOf(context: OpContext): Bounds {
  const { attributes, opset } = context;
  if (opset < 10) {
    const axes = attributes.has('axes') ? attributes.ints('axes') : undefined;
    return { starts: attributes.ints('starts'), ends: attributes.ints('ends'), axes, steps: undefined };
  }
  return {
    starts: axisList(context, 1, 'starts'),
    ends: axisList(context, 2, 'ends'),
    axes: optionalConstant(context, 3, 'axes'),
    steps: optionalConstant(context, 4, 'steps'),
  };
}

function slice(context: OpContext): ValueId[] {
  const x = input(context, 0);
  const shape = inputShape(context, 0);
  const strides = stridesOf(shape);
  const { starts, ends, axes, steps } = boundsOf(context);
  const sliced = Array.from(starts, (_, i) => normaliseAxis(axes?.[i] ?? i, shape.length));
  if (shape.length === 0 || new Set(sliced).size < sliced.length || ends.length !== sliced.length) {
    throw new ShapeError(`axes [${sliced}] with ${ends.length} ends do not slice [${shape}]`);
  }
  const target = [...shape];
  let origin = 0;
  for (const [i, axis] of sliced.entries()) {
    const step = steps?.[i] ?? 1;
    const { start, count } = takeRange(shape[axis], starts[i], ends[i], step);
    target[axis] = count;
    if (count > 0) origin += start * strides[axis];
    strides[axis] *= step;
  }
  return [move(context.b, [x], target, stridedIndex(target, strides, origin))];
}

/** The elements start:end:step selects of `length`, as Python does; bounds may be the extremes of int64. */
export function takeRange(
  length: number,
  start: number,
  end: number,
  step: number,
): { readonly start: number; readonly count: number } {
  if (step === 0 || !Number.isInteger(step)) throw new ShapeError(`a slice has step ${step}`);
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + length : bound, least), most);
  const first = clamp(start);
  return { start: first, count: Math.max(0, Math.ceil((clamp(end) - first) / step)) };
}

export const ops: OpTable = { Slice: slice };

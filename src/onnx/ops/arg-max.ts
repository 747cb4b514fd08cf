import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { retype } from '../../graph/compose/arithmetic.ts';
import { keepAxes } from '../../graph/compose/linear.ts';
import { reshape, transpose } from '../../graph/compose/movement.ts';
import { opposite } from '../../graph/compose/order.ts';
import { normaliseAxis, ShapeError, sizeOf } from '../../tensor/shape.ts';
import { oneHot } from '../indices.ts';
import { input, inputShape, type OpContext, type OpTable } from '../op.ts';

type Tie = 'first' | 'last';

const argument =
  (order: (b: GraphBuilder, x: ValueId) => ValueId) =>
  (context: OpContext): ValueId[] => {
    const { attributes, b } = context;
    const shape = inputShape(context, 0);
    const axis = normaliseAxis(attributes.int('axis', 0), shape.length);
    const tie = attributes.int('select_last_index', 0) === 0 ? 'first' : 'last';
    const index = argMax(b, order(b, input(context, 0)), axis, tie);
    return [attributes.int('keepdims', 1) === 0 ? index : reshape(b, index, keepAxes(shape, [axis]))];
  };

/** The index of the largest element along an axis, which the result drops. */
function argMax(b: GraphBuilder, x: ValueId, axis: number, tie: Tie): ValueId {
  const shape = b.shape(x);
  const length = shape[axis];
  if (!(length > 0)) throw new ShapeError(`axis ${axis} of [${shape}] has no largest element`);
  const kept = shape.filter((_, i) => i !== axis);
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  const inputs = [transpose(b, x, [...others, axis])];
  return b.push({ kind: 'argmax', inputs, shape: kept, dtype: 'int64', rows: sizeOf(kept), length, tie });
}

/** 1 at the first largest element of each row, 0 elsewhere. Before opset 13 a row is all axes from the given one on. */
function hardmax(context: OpContext): ValueId[] {
  const { attributes, b, opset } = context;
  const x = input(context, 0);
  const shape = inputShape(context, 0);
  const axis = normaliseAxis(attributes.int('axis', opset < 13 ? 1 : -1), shape.length);
  const rows = opset < 13 ? sizeOf(shape.slice(0, axis)) : undefined;
  if (rows !== undefined) {
    const flat = reshape(b, x, [rows, sizeOf(shape.slice(axis))]);
    return [reshape(b, hardmaxAlong(b, flat, 1), shape)];
  }
  return [hardmaxAlong(b, x, axis)];
}

function hardmaxAlong(b: GraphBuilder, x: ValueId, axis: number): ValueId {
  const shape = b.shape(x);
  const index = argMax(b, x, axis, 'first');
  const hot = reshape(b, oneHot(b, index, shape[axis]), [...b.shape(index), shape[axis]]);
  const last = shape.length - 1;
  const order = shape.map((_, i) => (i === axis ? last : i < axis ? i : i - 1));
  return retype(b, transpose(b, hot, order), b.dtype(x));
}

export const ops: OpTable = {
  ArgMax: argument((_, x) => x),
  ArgMin: argument(opposite),
  Hardmax: hardmax,
};

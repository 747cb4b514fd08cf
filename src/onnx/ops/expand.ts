import type { ValueId } from '../../graph/builder.ts';
import { broadcastTo, move, reshape } from '../../graph/compose/movement.ts';
import { broadcastShapes, ShapeError, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { axisList, constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';

function expand(context: OpContext): ValueId[] {
  const target = broadcastShapes(inputShape(context, 0), axisList(context, 1, 'shape'));
  return [broadcastTo(context.b, input(context, 0), target)];
}

/** Repeats the tensor along each axis; opset 1 named one axis and its number of tiles. */
function tile(context: OpContext): ValueId[] {
  const { b, opset } = context;
  const shape = inputShape(context, 0);
  const given = axisList(context, 1, 'repeats');
  const [axis] = opset < 6 ? constantInput(context, 2, 'axis') : [0];
  const repeats = opset < 6 ? shape.map((_, i) => (i === axis ? given[0] : 1)) : given;
  if (repeats.length !== shape.length)
    throw new ShapeError(`${repeats.length} repeats for a tensor of rank ${shape.length}`);
  const strides = stridesOf(shape);
  const split = shape.flatMap((dim, i) => [repeats[i], dim]);
  const source = stridedIndex(
    split,
    strides.flatMap((stride) => [0, stride]),
  );
  const tiled = move(b, [input(context, 0)], split, source);
  return [
    reshape(
      b,
      tiled,
      shape.map((dim, i) => dim * repeats[i]),
    ),
  ];
}

export const ops: OpTable = { Expand: expand, Tile: tile };

import { isReal } from '../../tensor/dtype.ts';
import { broadcastShapes, sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { add, multiply, retype, select, subtract } from './arithmetic.ts';
import { broadcastTo, filled, move } from './movement.ts';

/** condition ? x : y with broadcasting; free where the condition is constant, or both x and y are. */
export function choose(b: GraphBuilder, condition: ValueId, x: ValueId, y: ValueId): ValueId {
  const shape = broadcastShapes(b.shape(condition), b.shape(x), b.shape(y));
  const fixed = b.constant(broadcastTo(b, condition, shape));
  if (fixed === undefined) return between(b, condition, x, y) ?? select(b, condition, x, y);
  const [left, right] = [broadcastTo(b, x, shape), broadcastTo(b, y, shape)];
  if (fixed.every((c) => c !== 0)) return left;
  if (fixed.every((c) => c === 0)) return right;
  const size = sizeOf(shape);
  const source = Int32Array.from(fixed, (c, i) => (c !== 0 ? i : size + i));
  return move(b, [left, right], shape, source);
}

/** y + condition·(x − y), a linear map, for finite constants x and y. */
function between(b: GraphBuilder, condition: ValueId, x: ValueId, y: ValueId): ValueId | undefined {
  const sides = [x, y].map((side) => b.constant(side));
  if (sides.some((side) => side === undefined || !side.every(Number.isFinite))) return undefined;
  const dtype = b.dtype(x);
  // Their difference may leave an unsigned type.
  const [yes, no, share] = [x, y, condition].map((id) => retype(b, id, isReal(dtype) ? dtype : 'int64'));
  return retype(b, add(b, multiply(b, share, subtract(b, yes, no)), no), dtype);
}

/** x where `allowed`, the number `otherwise` elsewhere; free where `allowed` is constant. */
export function keepWhere(b: GraphBuilder, allowed: ValueId, x: ValueId, otherwise: number): ValueId {
  const shape = broadcastShapes(b.shape(allowed), b.shape(x));
  const fixed = b.constant(broadcastTo(b, allowed, shape));
  if (fixed === undefined) return select(b, allowed, x, filled(b, [], otherwise, b.dtype(x)));
  const wide = broadcastTo(b, x, shape);
  if (fixed.every((c) => c !== 0)) return wide;
  return move(
    b,
    [wide],
    shape,
    Int32Array.from(fixed, (c, i) => (c !== 0 ? i : -1)),
    otherwise,
  );
}

import { broadcastShapes, sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { select } from './arithmetic.ts';
import { broadcastTo, filled, move } from './movement.ts';

/** condition ? x : y with broadcasting; free where the condition is constant. */
export function choose(b: GraphBuilder, condition: ValueId, x: ValueId, y: ValueId): ValueId {
  const shape = broadcastShapes(b.shape(condition), b.shape(x), b.shape(y));
  const fixed = b.constant(broadcastTo(b, condition, shape));
  if (fixed === undefined) return select(b, condition, x, y);
  const [left, right] = [broadcastTo(b, x, shape), broadcastTo(b, y, shape)];
  if (fixed.every((c) => c !== 0)) return left;
  if (fixed.every((c) => c === 0)) return right;
  const size = sizeOf(shape);
  const source = Int32Array.from(fixed, (c, i) => (c !== 0 ? i : size + i));
  return move(b, [left, right], shape, source);
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

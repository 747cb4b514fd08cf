import { type DType, isReal } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { checkGatherSize, type GraphBuilder, type ValueId } from '../builder.ts';
import { clip, negate, relu, retype, together } from './arithmetic.ts';
import { maxOver } from './linear.ts';
import { broadcastTo } from './movement.ts';

/** Elementwise maximum of any number of tensors with broadcasting; one number against a tensor is a clip. */
export function greatest(b: GraphBuilder, xs: readonly ValueId[]): ValueId {
  if (xs.length === 1) return xs[0];
  const bound = oneNumber(b, xs);
  if (bound !== undefined) {
    const x = broadcastTo(b, bound.x, bound.shape);
    return bound.value === 0 ? relu(b, x) : clip(b, x, bound.value, Number.POSITIVE_INFINITY);
  }
  const inputs = together(b, xs);
  const shape = b.shape(inputs[0]);
  const size = sizeOf(shape);
  const window = xs.length;
  checkGatherSize(size * window);
  const gather = Int32Array.from({ length: size * window }, (_, i) => (i % window) * size + Math.floor(i / window));
  return b.push({ kind: 'max', inputs, shape, dtype: b.dtype(xs[0]), window, gather });
}

/** Elementwise minimum of any number of tensors with broadcasting. */
export function least(b: GraphBuilder, xs: readonly ValueId[]): ValueId {
  if (xs.length === 1) return xs[0];
  const bound = oneNumber(b, xs);
  if (bound !== undefined) return clip(b, broadcastTo(b, bound.x, bound.shape), Number.NEGATIVE_INFINITY, bound.value);
  return mirrored(b, b.dtype(xs[0]), (flip) => greatest(b, xs.map(flip)));
}

/** Minimum over `axes`; the result drops those axes. */
export function minOver(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  return mirrored(b, b.dtype(x), (flip) => maxOver(b, flip(x), axes));
}

/** −f(−x), of the type `dtype` of x. */
export function mirrored(b: GraphBuilder, dtype: DType, f: (flip: (x: ValueId) => ValueId) => ValueId): ValueId {
  return retype(
    b,
    opposite(
      b,
      f((x) => opposite(b, x)),
    ),
    dtype,
  );
}

/** −x, which orders the other way round. Integers and booleans are negated as int64, where neither wraps. */
export function opposite(b: GraphBuilder, x: ValueId): ValueId {
  return negate(b, isReal(b.dtype(x)) ? x : retype(b, x, 'int64'));
}

/** A computed tensor against a single constant number, or `undefined`. */
function oneNumber(b: GraphBuilder, xs: readonly ValueId[]) {
  if (xs.length !== 2) return undefined;
  const [first, second] = xs.map((x) => b.constant(x));
  const constant = first ?? second;
  if (constant === undefined || constant.length === 0 || constant.some((v) => v !== constant[0])) return undefined;
  const shape = b.shape(together(b, xs)[0]);
  return { x: first === undefined ? xs[0] : xs[1], value: constant[0], shape };
}

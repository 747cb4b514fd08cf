import type { DType } from '../../tensor/dtype.ts';
import { broadcastIndex, type Shape, sameShape, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';

/** A constant tensor. */
export function constant(b: GraphBuilder, shape: Shape, data: Float64Array, dtype: DType): ValueId {
  return b.push({ kind: 'const', inputs: [], shape, dtype, data });
}

/** A constant with one value everywhere. */
export function filled(b: GraphBuilder, shape: Shape, value: number, dtype: DType): ValueId {
  return constant(b, shape, new Float64Array(sizeOf(shape)).fill(value), dtype);
}

/** All data movement: y[i] = source[i] < 0 ? fill : x[source[i]] over the concatenated operands. */
export function move(b: GraphBuilder, xs: readonly ValueId[], shape: Shape, source: Int32Array, fill = 0): ValueId {
  return b.push({ kind: 'map', inputs: xs, shape, dtype: b.dtype(xs[0]), source, fill });
}

/** The same elements in the same order under another shape. */
export function reshape(b: GraphBuilder, x: ValueId, shape: Shape): ValueId {
  if (sameShape(b.shape(x), shape)) return x;
  return move(b, [x], shape, stridedIndex(shape, stridesOf(shape)));
}

export function broadcastTo(b: GraphBuilder, x: ValueId, shape: Shape): ValueId {
  if (sameShape(b.shape(x), shape)) return x;
  return move(b, [x], shape, broadcastIndex(b.shape(x), shape));
}

export function transpose(b: GraphBuilder, x: ValueId, order: readonly number[]): ValueId {
  if (order.every((axis, i) => axis === i)) return x;
  const shape = b.shape(x);
  const strides = stridesOf(shape);
  const target = order.map((axis) => shape[axis]);
  return move(
    b,
    [x],
    target,
    stridedIndex(
      target,
      order.map((axis) => strides[axis]),
    ),
  );
}

/** Joins tensors along one axis. */
export function concat(b: GraphBuilder, xs: readonly ValueId[], axis: number): ValueId {
  if (xs.length === 1) return xs[0];
  const first = b.shape(xs[0]);
  const total = xs.reduce((sum, x) => sum + b.shape(x)[axis], 0);
  const shape = first.map((dim, i) => (i === axis ? total : dim));
  const source = new Int32Array(sizeOf(shape));
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  let offset = 0;
  let column = 0;
  for (const x of xs) {
    const run = b.shape(x)[axis] * inner;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < run; i++) source[o * total * inner + column + i] = offset + o * run + i;
    }
    offset += outer * run;
    column += run;
  }
  return move(b, xs, shape, source);
}

/** Elements start, start + step, … (count of them) along one axis. */
export function slice(b: GraphBuilder, x: ValueId, axis: number, start: number, count: number, step = 1): ValueId {
  const shape = b.shape(x);
  if (start === 0 && step === 1 && count === shape[axis]) return x;
  const strides = stridesOf(shape);
  const target = shape.map((dim, i) => (i === axis ? count : dim));
  const steps = strides.map((stride, i) => (i === axis ? stride * step : stride));
  return move(b, [x], target, stridedIndex(target, steps, start * strides[axis]));
}

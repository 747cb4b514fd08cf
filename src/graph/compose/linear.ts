import { normaliseAxis, type Shape, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { reshape, transpose } from './movement.ts';

export interface RowMap {
  readonly x: ValueId;
  /** x is read as [rows, depth]. */
  readonly rows: number;
  readonly depth: number;
  readonly outs: number;
  /** weight[o, k], row-major. */
  readonly weight: Float64Array;
  readonly bias?: Float64Array;
}

/** x·Wᵀ + bias for rows of x: [rows, depth] → [rows, outs]. */
export function linearRows(b: GraphBuilder, { x, rows, depth, outs, weight, bias }: RowMap): ValueId {
  const y = b.push({
    kind: 'affine',
    inputs: [x],
    shape: [outs, rows],
    dtype: b.dtype(x),
    groups: 1,
    outs,
    positions: rows,
    depth,
    gather: Int32Array.from({ length: rows * depth }, (_, i) => i),
    weight,
    bias: bias ?? new Float64Array(outs),
  });
  return rows === 1 ? reshape(b, y, [1, outs]) : transpose(b, y, [1, 0]);
}

/**
 * The elements of each reduction window over `axes`: index[p, k] with p over the kept axes in order and k over the
 * reduced ones. Sums, means, maxima and products over axes all start from it.
 */
export function reductionWindows(
  shape: Shape,
  axes: readonly number[],
): { readonly kept: number[]; readonly window: number; readonly gather: Int32Array } {
  const reduced = new Set(axes.map((axis) => normaliseAxis(axis, shape.length)));
  const strides = stridesOf(shape);
  const keptAxes = shape.map((_, axis) => axis).filter((axis) => !reduced.has(axis));
  const order = [...keptAxes, ...[...reduced].sort((a, b) => a - b)];
  const ordered = order.map((axis) => shape[axis]);
  const kept = keptAxes.map((axis) => shape[axis]);
  return {
    kept,
    window: sizeOf([...reduced].map((axis) => shape[axis])),
    gather: stridedIndex(
      ordered,
      order.map((axis) => strides[axis]),
    ),
  };
}

/** factor · Σ over `axes`; the result drops those axes. */
export function sumOver(b: GraphBuilder, x: ValueId, axes: readonly number[], factor = 1): ValueId {
  const { kept, window, gather } = reductionWindows(b.shape(x), axes);
  const positions = sizeOf(kept);
  return b.push({
    kind: 'affine',
    inputs: [x],
    shape: kept,
    dtype: b.dtype(x),
    groups: 1,
    outs: 1,
    positions,
    depth: window,
    gather,
    weight: new Float64Array(window).fill(factor),
    bias: new Float64Array(1),
  });
}

export function meanOver(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  const { window } = reductionWindows(b.shape(x), axes);
  return sumOver(b, x, axes, 1 / window);
}

/** Maximum over `axes`; the result drops those axes. */
export function maxOver(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  const { kept, window, gather } = reductionWindows(b.shape(x), axes);
  return b.push({ kind: 'max', inputs: [x], shape: kept, dtype: b.dtype(x), window, gather });
}

/** The shape of a reduction with the reduced axes kept as 1. */
export function keepAxes(shape: Shape, axes: readonly number[]): number[] {
  const reduced = new Set(axes.map((axis) => normaliseAxis(axis, shape.length)));
  return shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
}

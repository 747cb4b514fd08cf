import type { GraphBuilder, ValueId } from '../builder.ts';
import { apply, clip, divide, multiply, subtract } from './arithmetic.ts';
import { keepAxes, maxOver, sumOver } from './linear.ts';
import { filled, reshape } from './movement.ts';

/** What the exponentials of a row relative to its maximum give: every use of them starts here. */
export interface RowExponentials {
  /** max(x) per row, axes kept as 1. */
  readonly most: ValueId;
  /** x − max(x) ≤ 0. */
  readonly shifted: ValueId;
  /** exp(x − max(x)), in (0, 1]. */
  readonly weights: ValueId;
  /** Σ exp(x − max(x)) per row, at least 1 because the maximum contributes exp(0); axes kept as 1. */
  readonly total: ValueId;
}

/** A row is what `axes` span. The clip of the total changes no value; it lets integer bounds exclude zero. */
export function rowExponentials(b: GraphBuilder, x: ValueId, axes: readonly number[]): RowExponentials {
  const kept = keepAxes(b.shape(x), axes);
  const most = reshape(b, maxOver(b, x, axes), kept);
  const shifted = subtract(b, x, most);
  const weights = apply(b, shifted, 'exp');
  const total = clip(b, reshape(b, sumOver(b, weights, axes), kept), 1, Number.POSITIVE_INFINITY);
  return { most, shifted, weights, total };
}

/** exp(x) / Σ exp(x) over one axis, with one division per row. */
export function softmax(b: GraphBuilder, x: ValueId, axis: number): ValueId {
  const { weights, total } = rowExponentials(b, x, [axis]);
  return multiply(b, weights, inverse(b, total));
}

/** log(exp(x) / Σ exp(x)) over one axis. */
export function logSoftmax(b: GraphBuilder, x: ValueId, axis: number): ValueId {
  const { shifted, total } = rowExponentials(b, x, [axis]);
  return subtract(b, shifted, apply(b, total, 'log'));
}

/** 1 / x. */
export function inverse(b: GraphBuilder, x: ValueId): ValueId {
  return divide(b, filled(b, b.shape(x), 1, b.dtype(x)), x);
}

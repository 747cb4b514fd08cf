import { sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import { combine, multiply, scale, sqrt } from './arithmetic.ts';
import { keepAxes, meanOver, sumOver } from './linear.ts';
import { reshape } from './movement.ts';
import { inverse } from './softmax.ts';

/** Σ x over `axes`, which the result keeps as 1. */
export function keptSum(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  return reshape(b, sumOver(b, x, axes), keepAxes(b.shape(x), axes));
}

/** The mean over `axes`, which the result keeps as 1. */
export function keptMean(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  return reshape(b, meanOver(b, x, axes), keepAxes(b.shape(x), axes));
}

/** x − mean(x), as (n·x − Σ x) / n: integer factors, which stay exact in integers. */
export function centred(b: GraphBuilder, x: ValueId, axes: readonly number[]): ValueId {
  const count = sizeOf(axes.map((axis) => b.shape(x)[axis]));
  return scale(b, combine(b, [x, keptSum(b, x, axes)], [count, -1]), 1 / count);
}

/** x², the product of a value with itself, which is known not to be negative. */
export function square(b: GraphBuilder, x: ValueId): ValueId {
  return b.push({ kind: 'mul', inputs: [x, x], shape: b.shape(x), dtype: b.dtype(x) });
}

export interface Normalised {
  /** x / √(mean(x²) + ε). */
  readonly y: ValueId;
  /** 1 / √(mean(x²) + ε), axes kept as 1. */
  readonly inverseDeviation: ValueId;
}

/** Divides by the root of the mean square over `axes`: one square root and one division per row. */
export function normaliseRows(b: GraphBuilder, x: ValueId, axes: readonly number[], epsilon: number): Normalised {
  const variance = keptMean(b, square(b, x), axes);
  const inverseDeviation = inverse(b, sqrt(b, scale(b, variance, 1, epsilon)));
  return { y: multiply(b, x, inverseDeviation), inverseDeviation };
}

import { type SmoothFunction, smoothOf } from '../graph/smooth.ts';
import { type SmoothShape, tailStart } from '../graph/smooth-shape.ts';
import type { Computed, QuantContext } from './context.ts';
import { coarsen, computed, enforcedWidth, narrower } from './values.ts';
import { rescaleWidth, signedWidth } from './width.ts';

/** Where an operand is cut off, in its own units; `undefined` on a side where it is not. */
export interface Cuts {
  readonly lo?: number | undefined;
  readonly hi?: number | undefined;
  /** What cutting costs in accuracy: the distance of the function from its tails at the cuts. */
  readonly error: number;
}

/** Cuts outside of which the function is within `tolerance` of a constant (or above, of a straight line). */
export function cutsFor(
  fn: SmoothFunction,
  shape: SmoothShape,
  scale: number,
  [lo, hi]: readonly [number, number],
  tolerance: number,
): Cuts {
  const f = smoothOf(fn);
  const { below, above } = shape;
  const low =
    below === undefined || below.slope !== 0 ? undefined : Math.floor(tailStart(fn, below, -1, tolerance) / scale);
  const high = above === undefined ? undefined : Math.ceil(tailStart(fn, above, 1, tolerance) / scale);
  const cutsLow = low !== undefined && low > lo && low < hi;
  const cutsHigh = high !== undefined && high < hi && high > lo;
  const deviation = (tail: { slope: number; offset: number }, at: number): number =>
    Math.abs(f(at * scale) - (tail.slope * at * scale + tail.offset));
  return {
    lo: cutsLow ? low : undefined,
    hi: cutsHigh ? high : undefined,
    error: Math.max(
      cutsLow && below !== undefined ? deviation(below, low) : 0,
      cutsHigh && above !== undefined ? deviation(above, high) : 0,
    ),
  };
}

/** The upper cut in units of the prepared operand. */
export const upperCut = ({ lo = 0, hi = 0 }: Cuts, shift: number): number => Math.ceil((hi - lo) / 2 ** shift);

/** An operand prepared for a table: requantised by 2^shift and cut. */
export interface Prepared {
  readonly id: number;
  /** Before the upper cut, where there is one. */
  readonly uncut: number;
  /** The real value of an integer q of the node is start + q·step. */
  readonly start: number;
  readonly step: number;
}

/** Predicted constraints of `prepare`. */
export function prepareCost([lo, hi]: readonly [number, number], { lo: low, hi: high }: Cuts, shift: number): number {
  const base = low ?? 0;
  const first = low !== undefined ? rescaleWidth(lo - base, hi - base, shift) + 2 : 0;
  const second = low === undefined && shift > 0 ? rescaleWidth(lo, hi, shift) + 1 : 0;
  const unit = 2 ** shift;
  const third = high === undefined ? 0 : signedWidth((high - hi) / unit, (high - Math.max(lo, base)) / unit) + 2;
  return first + second + third;
}

/** Lower cut and requantisation are one decomposition: max(0, round((x − lo) / 2^shift)). */
export function prepare(context: QuantContext, x: Computed, source: number, cuts: Cuts, shift: number): Prepared {
  const { scale, shape } = context.q.node(x.id);
  const step = scale * 2 ** shift;
  const low = cuts.lo;
  const shifted = low === undefined ? coarsen(context, x, source, step).id : cutBelow(context, x, source, low, shift);
  const start = low === undefined ? 0 : low * scale;
  if (cuts.hi === undefined) return { id: shifted, uncut: shifted, start, step };
  const hi = upperCut(cuts, shift);
  const lo = context.q.range(shifted).lo.reduce((least, v) => Math.min(least, v), hi);
  const id = context.q.push({ kind: 'clip', inputs: [shifted], shape, scale: step, lo, hi });
  return { id, uncut: shifted, start, step };
}

function cutBelow(context: QuantContext, x: Computed, source: number, low: number, shift: number): number {
  const { scale, shape } = context.q.node(x.id);
  const data = new Float64Array(x.error.length).fill(-low);
  const offset = context.q.push({ kind: 'const', inputs: [], shape, scale, data });
  const moved = context.q.push({ kind: 'add', inputs: [x.id, offset], shape, scale, coefficients: [1, 1] });
  const width = narrower(context, moved, enforcedWidth(context, source, scale, shift, -low), shift);
  const node = {
    kind: 'rescale' as const,
    inputs: [moved],
    shape,
    scale: scale * 2 ** shift,
    shift,
    relu: true,
    width,
  };
  return computed(context, node, x.error).id;
}

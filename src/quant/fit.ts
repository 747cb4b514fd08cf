import { exactLimit } from './qgraph.ts';
import { halfOf } from './width.ts';

/** A function of the integers first … last, counted from the operand's lower bound, to be fitted piecewise. */
export interface FitTask {
  /** The real result at operand u. */
  readonly f: (u: number) => number;
  /** The operand u lies in [0, 2^bits), and within first … last. */
  readonly bits: number;
  readonly first: number;
  readonly last: number;
  /** Real value of one unit of the rounded result. */
  readonly unit: number;
  /** How far from f the unrounded result may be where f is this large. */
  readonly tolerance: (value: number) => number;
  /** Whether the result is rounded to a unit; otherwise it keeps the bits below it. */
  readonly rounds: boolean;
}

/** Which piecewise polynomial: 2^segmentBits segments of this degree, at 2^shift of a unit. */
export interface FitForm {
  readonly segmentBits: number;
  readonly degree: number;
  readonly shift: number;
}

export interface Fit extends FitForm {
  readonly coefficients: readonly Float64Array[];
  /** Largest |result − f| over the operands of each segment. */
  readonly errors: Float64Array;
  /** Largest excess of that error over half a unit, in tolerances. */
  readonly badness: number;
}

/** Coefficients in powers of r (the operand counted from the start of the segment), in real units. */
type Polynomial = readonly [c0: number, c1: number, c2: number];

/** Bits of an operand whose every value is tried when a fit is measured. */
export const maxPointBits = 18;

/** Points of a segment at which a polynomial is compared with f before it is measured. */
const samples = 8;

/** The part of segment s that operands reach, as r in [from, to]; empty when from > to. */
function reach(task: FitTask, segmentBits: number, s: number): readonly [from: number, to: number] {
  const length = 2 ** (task.bits - segmentBits);
  return [Math.max(0, task.first - s * length), Math.min(length - 1, task.last - s * length)];
}

/** Interpolates f(origin + r) at Chebyshev points of [from, to], close to the best polynomial of its degree. */
function fitSegment(f: (u: number) => number, origin: number, from: number, to: number, degree: number): Polynomial {
  const half = (to - from) / 2;
  const middle = from + half;
  const centre = origin + middle;
  if (degree === 0) return constant([f(origin + from), f(origin + to)]);
  if (half === 0) return [f(centre), 0, 0];
  if (degree === 1) {
    const t = Math.SQRT1_2;
    const [p, q] = [f(centre - half * t), f(centre + half * t)];
    return expand((p + q) / 2, (q - p) / (2 * t), 0, middle, half);
  }
  const t = Math.sqrt(3) / 2;
  const [p, m, q] = [f(centre - half * t), f(centre), f(centre + half * t)];
  return expand(m, (q - p) / (2 * t), (p + q - 2 * m) / (2 * t * t), middle, half);
}

const constant = ([start, end]: readonly [number, number]): Polynomial => [(start + end) / 2, 0, 0];

/** a + b·t + c·t² with t = (r − middle) / half, in powers of r. */
function expand(a: number, b: number, c: number, middle: number, half: number): Polynomial {
  const c2 = c / (half * half);
  const c1 = b / half - 2 * middle * c2;
  return [a - (b / half) * middle + c2 * middle * middle, c1, c2];
}

/** f at `samples` + 1 points from end to end of every segment that is reached: the same for polynomials of any degree. */
export function samplePieces(task: FitTask, segmentBits: number): Float64Array {
  const length = 2 ** (task.bits - segmentBits);
  const values = new Float64Array(2 ** segmentBits * (samples + 1));
  for (let s = 0, at = 0; s < 2 ** segmentBits; s++, at += samples + 1) {
    const [from, to] = reach(task, segmentBits, s);
    if (from > to) continue;
    for (let i = 0; i <= samples; i++) values[at + i] = task.f(s * length + pointOf(from, to, i));
  }
  return values;
}

const pointOf = (from: number, to: number, i: number): number => from + ((to - from) * i) / samples;

/** Smallest and largest f(origin + r) − polynomial at the points of [from, to], where f is `sampled` from `first` on. */
function deviations(
  sampled: Float64Array,
  first: number,
  from: number,
  to: number,
  [c0, c1, c2]: Polynomial,
): readonly [lo: number, hi: number] {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i <= samples; i++) {
    const r = pointOf(from, to, i);
    const delta = sampled[first + i] - (c0 + r * (c1 + r * c2));
    if (delta < lo) lo = delta;
    if (delta > hi) hi = delta;
  }
  return [lo, hi];
}

/** How far an unrounded piecewise polynomial stays from f as `sampled`, in tolerances; estimated, not proved. */
export function estimate(task: FitTask, segmentBits: number, degree: number, sampled: Float64Array): number {
  const length = 2 ** (task.bits - segmentBits);
  let worst = 0;
  for (let s = 0, first = 0; s < 2 ** segmentBits; s++, first += samples + 1) {
    const [from, to] = reach(task, segmentBits, s);
    if (from > to) continue;
    const ends = [sampled[first], sampled[first + samples]] as const;
    const polynomial = degree === 0 ? constant(ends) : fitSegment(task.f, s * length, from, to, degree);
    const [lo, hi] = deviations(sampled, first, from, to, polynomial);
    const tolerance = Math.min(task.tolerance(ends[0]), task.tolerance(ends[1]));
    worst = Math.max(worst, (hi - lo) / 2 / tolerance);
  }
  return worst;
}

/** Fits and rounds the coefficients of every segment; what rounding one of them loses is made up for by the lower. */
export function fitPieces(task: FitTask, form: FitForm): Fit {
  const { segmentBits, degree, shift } = form;
  const segments = 2 ** segmentBits;
  const length = 2 ** (task.bits - segmentBits);
  const coefficients = Array.from({ length: degree + 1 }, () => new Float64Array(segments));
  const factor = 2 ** shift / task.unit;
  const sampled = samplePieces(task, segmentBits);
  for (let s = 0; s < segments; s++) {
    const [from, to] = reach(task, segmentBits, s);
    if (from > to) continue;
    const real = fitSegment(task.f, s * length, from, to, degree);
    const [lo, hi] = deviations(sampled, s * (samples + 1), from, to, real);
    roundInto(coefficients, s, [(real[0] + (lo + hi) / 2) * factor, real[1] * factor, real[2] * factor], from, to);
  }
  return { ...form, coefficients, ...measure(task, form, coefficients) };
}

function roundInto(coefficients: readonly Float64Array[], s: number, real: Polynomial, from: number, to: number): void {
  let [c0, c1] = real;
  if (coefficients.length > 2) {
    const rounded = Math.round(real[2]) + 0;
    coefficients[2][s] = rounded;
    const [a, b] = nearestLine(from, to);
    c0 += (real[2] - rounded) * a;
    c1 += (real[2] - rounded) * b;
  }
  if (coefficients.length > 1) {
    const rounded = Math.round(c1) + 0;
    coefficients[1][s] = rounded;
    c0 += (c1 - rounded) * ((from + to) / 2);
  }
  coefficients[0][s] = Math.round(c0) + 0;
}

/** The line a + b·r nearest to r² on [from, to]. */
function nearestLine(from: number, to: number): readonly [number, number] {
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  return [(half * half) / 2 - middle * middle, 2 * middle];
}

/** The result at every operand against f: exact, because the operands are integers. */
function measure(task: FitTask, { segmentBits, degree, shift }: FitForm, coefficients: readonly Float64Array[]) {
  const segments = 2 ** segmentBits;
  const length = 2 ** (task.bits - segmentBits);
  const errors = new Float64Array(segments);
  const [c0, c1, c2] = coefficients;
  const dropped = task.rounds ? shift : 0;
  const divisor = 2 ** dropped;
  const half = halfOf(dropped);
  const unit = task.unit * 2 ** (dropped - shift);
  let badness = 0;
  for (let s = 0; s < segments; s++) {
    const [from, to] = reach(task, segmentBits, s);
    for (let r = from; r <= to; r++) {
      let sum = degree === 2 ? c2[s] : 0;
      if (degree > 0) sum = sum * r + c1[s];
      sum = sum * r + c0[s];
      const want = task.f(s * length + r);
      const error = Math.abs(Math.floor((sum + half) / divisor) * unit - want);
      if (error > errors[s]) errors[s] = error;
      if (!(error <= unit / 2)) badness = Math.max(badness, (error - unit / 2) / task.tolerance(want));
    }
  }
  return { errors, badness };
}

/** Whether all integers on the way to the result stay exact. */
export function isExact({ coefficients, shift, segmentBits }: Fit, bits: number): boolean {
  const last = 2 ** (bits - segmentBits) - 1;
  for (let s = 0; s < 2 ** segmentBits; s++) {
    let sum = 0;
    for (let d = coefficients.length - 1; d >= 0; d--) {
      sum = sum * last + Math.abs(coefficients[d][s]);
      if (!(sum + halfOf(shift) < exactLimit)) return false;
    }
  }
  return true;
}

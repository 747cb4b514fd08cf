import { estimate, type Fit, type FitForm, type FitTask, fitPieces, isExact, samplePieces } from './fit.ts';
import { bitLength } from './width.ts';

/** Parts of the tolerance: what the polynomial may miss, and what rounding its coefficients may add. */
const shapeShare = 0.7;
const roundingShare = 0.3;
const maxSegmentBits = 8;
const maxDegree = 2;
/** Bits of the integers on the way to a result, kept below 53 with something to spare. */
const exactBits = 51;
/** A measured error this many tolerances above plan is still taken. */
const acceptable = 1.25;

export interface Plan extends FitForm {
  /** Predicted constraints per element. */
  readonly cost: number;
  /** Estimated error in tolerances. */
  readonly error: number;
}

/**
 * The forms of the fit worth measuring, cheapest first: of each degree the fewest segments that promise to keep the
 * tolerance and twice as many, or the most accurate ones that are exact. `largest` bounds |f|.
 */
export function planFits(task: FitTask, largest: number): Plan[] {
  if (!(largest / task.unit < 2 ** exactBits)) return [];
  const resultBits = bitLength(Math.ceil(largest / task.unit)) + 1;
  const tolerance = (task.tolerance(0) / task.unit) * roundingShare;
  const plans: Plan[] = [];
  const sampled = new Map<number, Float64Array>();
  for (let degree = 0; degree <= maxDegree; degree++) {
    const shiftOf = (segmentBits: number): number => shiftFor(task.bits - segmentBits, degree, tolerance);
    const most = Math.min(maxSegmentBits, degree === 0 ? task.bits : task.bits - 1);
    let least = 0;
    while (least <= most && resultBits + shiftOf(least) + degree > exactBits) least++;
    let after = 0;
    for (let k = least; k <= most && after < 2; ) {
      const values = sampled.get(k) ?? samplePieces(task, k);
      sampled.set(k, values);
      const error = estimate(task, k, degree, values) / shapeShare;
      const shift = shiftOf(k);
      const cost = costOf(task.bits, k, degree, resultBits + shift);
      if (error <= 1 || k === most) plans.push({ segmentBits: k, degree, shift, error, cost });
      if (error <= 1) after++;
      // Twice as many segments divide the error by 2^(degree + 1), about.
      const steps = error <= 1 ? 1 : Math.floor(Math.log2(error) / (degree + 1));
      k = k === most ? most + 1 : Math.min(most, k + Math.max(1, steps));
    }
  }
  return plans.sort((a, b) => a.cost - b.cost || a.error - b.error);
}

/** Coefficients rounded at 2^-shift of a unit are off by 1/2, R/4 and R²/16 over a segment of R operands. */
function shiftFor(restBits: number, degree: number, tolerance: number): number {
  if (restBits === 0) return 0;
  const length = 2 ** restBits;
  const loss = 0.5 + (degree > 0 ? length / 4 : 0) + (degree > 1 ? (length * length) / 16 : 0);
  return Math.max(0, Math.ceil(Math.log2(loss / tolerance)));
}

/** As `predictCosts` counts it, with the final rounding whether this node or the next one does it. */
function costOf(bits: number, segmentBits: number, degree: number, width: number): number {
  return bits + Math.max(0, 2 ** segmentBits - segmentBits - 1) + degree + width + 1;
}

/** The cheapest form that keeps the tolerance, measured; the most accurate one where none does. */
export function chooseFit(task: FitTask, plans: readonly Plan[]): Fit | undefined {
  for (const plan of plans) {
    if (plan.error > 1) continue;
    const candidate = fitPieces(task, plan);
    if (candidate.badness <= acceptable && isExact(candidate, task.bits)) return candidate;
  }
  for (const plan of [...plans].sort((a, b) => a.error - b.error || a.cost - b.cost)) {
    const candidate = fitPieces(task, plan);
    if (isExact(candidate, task.bits)) return candidate;
  }
  return undefined;
}

import { estimate, type Fit, type FitForm, type FitTask, fitPieces, isExact } from './fit.ts';
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

/** Every form of the fit that is exact in integers, cheapest first; `largest` bounds |f|. */
export function planFits(task: FitTask, largest: number): Plan[] {
  if (!(largest / task.unit < 2 ** exactBits)) return [];
  const plans: Plan[] = [];
  const resultBits = bitLength(Math.ceil(largest / task.unit)) + 1;
  const tolerance = task.tolerance(0) / task.unit;
  for (let degree = 0; degree <= maxDegree; degree++) {
    for (let segmentBits = 0; segmentBits <= Math.min(maxSegmentBits, task.bits); segmentBits++) {
      const restBits = task.bits - segmentBits;
      if (restBits === 0 && degree > 0) continue;
      const shift = shiftFor(restBits, degree, tolerance * roundingShare);
      if (resultBits + shift + degree > exactBits) continue;
      const error = estimate(task, segmentBits, degree) / shapeShare;
      plans.push({
        segmentBits,
        degree,
        shift,
        error,
        cost: costOf(task.bits, segmentBits, degree, resultBits + shift),
      });
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

import { concatenate } from '../graph/kernels/movement.ts';
import type { QMax, Range } from './qgraph.ts';
import { rangeRows } from './rows.ts';
import { signedWidth } from './width.ts';

/** What the next member x of a window does to the running maximum m: bounds may tell that m stays or that x replaces it. */
export type MaxStep = 'keep' | 'take' | 'compare';

export function maxStep(mLo: number, mHi: number, xLo: number, xHi: number): MaxStep {
  if (xHi <= mLo) return 'keep';
  return xLo >= mHi ? 'take' : 'compare';
}

export interface MaxPlan {
  readonly rows: number;
  /** Whether some element is a member itself, not a wire of this node. */
  readonly passes: boolean;
  /** Whether an element occurs in several windows. */
  readonly overlaps: boolean;
}

/** `terms` of each operand; the first member of a window is written twice, so that a dense one gets a wire first. */
export function planMax(node: QMax, operands: readonly Range[], terms: readonly number[]): MaxPlan {
  const { lo, hi } = joinRanges(operands);
  const ends = endsOf(operands);
  const seen = new Uint8Array(lo.length);
  const { gather, window } = node;
  let [rows, passes, overlaps] = [0, false, false];
  for (let start = 0; start < gather.length; start += window) {
    let member = -1;
    let [mLo, mHi] = [0, 0];
    let held = -1;
    for (let k = start; k < start + window; k++) {
      const x = gather[k];
      if (x < 0) continue;
      if (seen[x]++ > 0) overlaps = true;
      const step = held < 0 ? 'take' : maxStep(mLo, mHi, lo[x], hi[x]);
      if (step === 'keep') continue;
      if (step === 'take') {
        [member, held, mLo, mHi] = [x, x, lo[x], hi[x]];
        continue;
      }
      if (member >= 0 && terms[operandOf(ends, member)] > 1) rows++;
      const known = member < 0 ? 1 : Math.min(1, terms[operandOf(ends, member)]);
      rows += rangeRows(signedWidth(lo[x] - mHi, hi[x] - mLo), known + terms[operandOf(ends, x)]) + 1;
      member = -1;
      [mLo, mHi] = [Math.max(mLo, lo[x]), Math.max(mHi, hi[x])];
    }
    if (member >= 0) passes = true;
  }
  return { rows, passes, overlaps };
}

/** Rows of max(x, −x): x's own sign and a product. */
export function absoluteRows({ lo, hi }: Range, terms: number): number {
  let rows = 0;
  for (let i = 0; i < lo.length; i++) {
    if (lo[i] < 0 && hi[i] > 0) rows += rangeRows(signedWidth(lo[i], hi[i]), terms) + 1;
  }
  return rows;
}

/** Bounds of the concatenated operands. */
export function joinRanges(operands: readonly Range[]): Range {
  return { lo: concatenate(operands.map((x) => x.lo)), hi: concatenate(operands.map((x) => x.hi)) };
}

/** Where each operand ends in the concatenation of all. */
export function endsOf(operands: readonly { readonly lo: Float64Array }[]): number[] {
  let end = 0;
  return operands.map(({ lo }) => (end += lo.length));
}

/** The operand that element `index` of the concatenation belongs to. */
export function operandOf(ends: readonly number[], index: number): number {
  let operand = 0;
  while (index >= ends[operand]) operand++;
  return operand;
}

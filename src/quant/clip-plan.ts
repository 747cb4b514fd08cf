import { patternRows, rangeRows } from './rows.ts';
import { bitLength, signedWidth } from './width.ts';

/**
 * How one element x in [least, most] is clipped to [lo, hi]:
 *
 * - `none`: its bounds lie inside;
 * - `below`: lo + max(0, x − lo), with x − lo in `width` signed bits;
 * - `above`: hi − max(0, hi − x), likewise;
 * - `saturate`: both ends from one decomposition of x − lo, where what may remain spans 2^span values: x − lo itself when
 *   its bits from `span` up are zero, else `cap`;
 * - `both`: `below`, then `above`.
 *
 * `second` is the signed width of a final `above` (0: none), on the one wire that the first part gives.
 */
export interface ClipPlan {
  readonly form: 'none' | 'below' | 'above' | 'saturate' | 'both';
  readonly width: number;
  readonly span: number;
  readonly cap: number;
  readonly second: number;
}

export function planClip(lo: number, hi: number, least: number, most: number): ClipPlan {
  const none: ClipPlan = { form: 'none', width: 0, span: 0, cap: 0, second: 0 };
  if (least >= lo && most <= hi) return none;
  if (most <= hi) return { ...none, form: 'below', width: signedWidth(least - lo, most - lo) };
  if (least >= lo) return { ...none, form: 'above', width: signedWidth(hi - most, hi - least) };
  const width = signedWidth(least - lo, most - lo);
  const reach = hi - lo;
  const exact = [reach, reach + 1].find((size) => size === 2 ** (bitLength(size) - 1));
  if (exact !== undefined) return { form: 'saturate', width, span: bitLength(exact) - 1, cap: reach, second: 0 };
  const both: ClipPlan = { ...none, form: 'both', width, second: signedWidth(hi - most, reach) };
  const span = bitLength(reach);
  if (width < span + 2) return both;
  const coarse: ClipPlan = { form: 'saturate', width, span, cap: 2 ** span - 1, second: span + 1 };
  return clipRows(coarse, 1) < clipRows(both, 1) ? coarse : both;
}

/** Rows of one element whose expression has `terms` wires. */
export function clipRows({ form, width, span, second }: ClipPlan, terms: number): number {
  if (form === 'none') return 0;
  const first = rangeRows(width, terms) + 1 + (form === 'saturate' ? patternRows(width - span) : 0);
  return second === 0 ? first : first + rangeRows(second, 1) + 1;
}

import { clipRows, planClip } from '../clip-plan.ts';
import { enforcedWidth, rescaleForm } from '../expressions.ts';
import type { QClip, QFunction, QRescale, QRound, Range } from '../qgraph.ts';
import { keySideTerms, patternRows, rangeRows } from '../rows.ts';
import { bitLength, rescaleWidth, signedWidth } from '../width.ts';

/** Rows of y = floor(x / 2^shift) for y in [lo, hi]: the bits of y, the bits shifted out, and what recomposes them. */
export function quotientRows(lo: number, hi: number, shift: number): number {
  return rangeRows(bitLength(hi - lo), 1) + rangeRows(shift, 2);
}

/** With ReLU, the bits of x and a product with its sign: b + 2; without, b + 1. */
export function rescaleRows(node: QRescale, x: Range, y: Range, terms: number): number {
  const { shift } = node;
  let rows = 0;
  for (let i = 0; i < x.lo.length; i++) {
    const form = rescaleForm(node, x.lo[i], x.hi[i]);
    if (form !== 'relu' && form !== 'plain') continue;
    const width = enforcedWidth(node, x.lo[i], x.hi[i]);
    if (form === 'relu') rows += rangeRows(width ?? rescaleWidth(x.lo[i], x.hi[i], shift), terms) + 1;
    else if (width === null) rows += quotientRows(y.lo[i], y.hi[i], shift);
    else rows += rangeRows(width - shift, 1) + rangeRows(shift, 2);
  }
  return rows;
}

export function clipCost({ lo, hi }: QClip, x: Range, y: Range, terms: number): number {
  let rows = 0;
  for (let i = 0; i < x.lo.length; i++) {
    if (y.lo[i] < y.hi[i]) rows += clipRows(planClip(lo, hi, x.lo[i], x.hi[i]), terms);
  }
  return rows;
}

/** Ties to even need the bit above the shifted ones and whether those are all zero; so does truncation of both signs. */
export function roundRows({ mode, shift }: QRound, x: Range, y: Range, terms: number): number {
  if (shift === 0) return 0;
  let rows = 0;
  for (let i = 0; i < x.lo.length; i++) {
    if (y.lo[i] === y.hi[i]) continue;
    if (mode === 'even') {
      rows += rangeRows(evenWidth(x.lo[i], x.hi[i], shift), terms) + patternRows(shift + 1);
    } else if (mode === 'trunc' && x.lo[i] < 0 && x.hi[i] > 0) {
      rows += rangeRows(truncWidth(x.lo[i], x.hi[i], shift), terms) + patternRows(shift) + 1;
    } else {
      rows += quotientRows(y.lo[i], y.hi[i], shift);
    }
  }
  return rows;
}

/** Bits of x + 2^(shift−1) above the greatest multiple of 2^(shift+1) below all its values. */
export function evenWidth(lo: number, hi: number, shift: number): number {
  const half = 2 ** (shift - 1);
  return Math.max(bitLength(hi + half - evenFloor(lo, shift)), shift + 1);
}

/** The greatest multiple of 2^(shift+1) not above lo + 2^(shift−1): an offset that keeps the parity of the quotient. */
export function evenFloor(lo: number, shift: number): number {
  const unit = 2 ** (shift + 1);
  return unit * Math.floor((lo + 2 ** (shift - 1)) / unit) + 0;
}

/** Signed width of x, wide enough that its sign is not among the bits that are cut off. */
export function truncWidth(lo: number, hi: number, shift: number): number {
  return Math.max(signedWidth(lo, hi), shift + 1);
}

/** Whether all values that x may take lie in the function's domain. */
export function isInside({ lo, bits }: QFunction, least: number, most: number): boolean {
  return least >= lo && most < lo + 2 ** bits;
}

/** The bits of x, a selector of the segment, one product per degree, and a requantisation. */
export function functionRows(node: QFunction, x: Range, y: Range, terms: number): number {
  const { bits, segmentBits, coefficients, shift } = node;
  const degree = bits === segmentBits ? 0 : coefficients.length - 1;
  const selector = 2 ** segmentBits - segmentBits - 1;
  const leading = degree > 0 && 2 ** segmentBits > keySideTerms ? 1 : 0;
  let rows = 0;
  for (let i = 0; i < x.lo.length; i++) {
    if (y.lo[i] === y.hi[i] && isInside(node, x.lo[i], x.hi[i])) continue;
    rows += rangeRows(bits, terms) + selector + degree + leading;
    if (shift > 0) rows += quotientRows(y.lo[i], y.hi[i], shift);
  }
  return rows;
}

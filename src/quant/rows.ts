import { signedWidth } from './width.ts';

/** An expression of more wires than this is written out on the C side only. */
export const keySideTerms = 32;

/** What a sum of bit wires counts as where the exact number of bits does not matter. */
export const bitTerms = 32;

/**
 * Rows that prove an expression of `terms` wires to lie in [0, 2^width): one per bit, and one that recomposes the bits
 * unless the expression is a single wire, which then stands in for bit 0.
 */
export function rangeRows(width: number, terms: number): number {
  return width > 0 && terms <= 1 ? width : width + 1;
}

/** How [t ≥ 0] is told for t in [lo, hi]: by a known answer, by t + 1 where t is −1 or 0, or by t's top bit. */
export type SignForm = 'always' | 'never' | 'linear' | 'bits';

export function signForm(lo: number, hi: number): SignForm {
  if (lo >= 0) return 'always';
  if (hi < 0) return 'never';
  return lo >= -1 && hi <= 0 ? 'linear' : 'bits';
}

/** Rows of [t ≥ 0] for an expression of `terms` wires in [lo, hi]. */
export function signRows(lo: number, hi: number, terms: number): number {
  return signForm(lo, hi) === 'bits' ? rangeRows(signedWidth(lo, hi), terms) : 0;
}

/**
 * How [d = 0] is told for d in [lo, hi]: by a known answer, by 1 − d or 1 + d where d is a bit or its negative, by
 * 1 − d² where d is −1, 0 or 1, or by an inverse.
 */
export type ZeroForm = 'always' | 'never' | 'bit' | 'negative bit' | 'square' | 'inverse';

export function zeroForm(lo: number, hi: number): ZeroForm {
  if (lo > 0 || hi < 0) return 'never';
  if (lo === 0 && hi === 0) return 'always';
  if (lo === 0 && hi === 1) return 'bit';
  if (lo === -1 && hi === 0) return 'negative bit';
  return lo >= -1 && hi <= 1 ? 'square' : 'inverse';
}

/** Rows of [d = 0]; d is written twice or more on A and B, so that more than two wires get a wire of their own. */
export function zeroRows(lo: number, hi: number, terms: number): number {
  const form = zeroForm(lo, hi);
  if (form !== 'square' && form !== 'inverse') return 0;
  return (form === 'square' ? 1 : 3) + (terms > 2 ? 1 : 0);
}

/** Rows that tell whether `count` bits are all as a pattern says: none, a product, or the test of a number for zero. */
export function patternRows(count: number): number {
  return count <= 1 ? 0 : count === 2 ? 1 : 3;
}

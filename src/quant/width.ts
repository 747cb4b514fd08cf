/** Bits of a non-negative integer below 2^53: 0 → 0, 1 → 1, 4 → 3. */
export function bitLength(value: number): number {
  if (value <= 0) return 0;
  let bits = Math.floor(Math.log2(value)) + 1;
  while (2 ** bits <= value) bits++;
  while (2 ** (bits - 1) > value) bits--;
  return bits;
}

/** Smallest b with −2^(b−1) ≤ lo and hi < 2^(b−1). */
export function signedWidth(lo: number, hi: number): number {
  return Math.max(bitLength(hi), lo < 0 ? bitLength(-lo - 1) : 0) + 1;
}

/** Half of a shift's divisor, the constant that makes the floor round half up. */
export const halfOf = (shift: number): number => (shift === 0 ? 0 : 2 ** (shift - 1));

/**
 * Signed width of t = x + half that a fused ReLU/requantise decomposes. At least shift + 1, so that the top bit (the
 * sign) is never one of the bits that are shifted out.
 */
export function rescaleWidth(lo: number, hi: number, shift: number): number {
  const half = halfOf(shift);
  return Math.max(signedWidth(lo + half, hi + half), shift + 1);
}

/** Smallest and largest element. */
export function extremes(values: Float64Array): readonly [lo: number, hi: number] {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return [lo, hi];
}

/** The bounds of a whole tensor. */
export function span({ lo, hi }: { readonly lo: Float64Array; readonly hi: Float64Array }): readonly [number, number] {
  return lo.length === 0 ? [0, 0] : [extremes(lo)[0], extremes(hi)[1]];
}

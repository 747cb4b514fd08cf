/** Smallest and largest value of a two's-complement or unsigned integer of `width` bits. */
export function integerWidthRange(width: number, signed: boolean): readonly [lo: number, hi: number] {
  return signed ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
}

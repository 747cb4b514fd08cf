import { fc } from '../property.ts';
import type { Operand } from './bound.ts';

/** Binary, decimal, pixel and arbitrary scales. */
export const scales = fc.oneof(
  fc.integer({ min: -14, max: 3 }).map((k) => 2 ** k),
  fc.constantFrom(0.1, 0.01, 1 / 255, 1 / 127, 1 / 3),
  fc.double({ min: 2 ** -14, max: 8, noNaN: true }),
);

/** A real operand with values anywhere inside its bounds, on its grid or off it. */
export function reals(size: number, { positive = false } = {}): fc.Arbitrary<Operand> {
  return fc
    .record({
      scale: scales,
      bits: fc.integer({ min: 1, max: 12 }),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: size, maxLength: size }),
      onGrid: fc.boolean(),
    })
    .map(({ scale, bits, place, shares, onGrid }) => {
      const steps = 2 ** bits - 1;
      const lo = positive ? 1 + Math.round(place * 10) : 0 - Math.round(place * steps);
      return {
        scale,
        lo,
        bits,
        values: shares.map((share) => {
          const q = lo + share * steps;
          return (onGrid ? Math.round(q) : q) * scale;
        }),
      };
    });
}

/** An integer operand of `bits` bits from `lo` on. */
export function integers(
  size: number,
  lo: number,
  bits: number,
  dtype: Operand['dtype'] = 'int32',
): fc.Arbitrary<Operand> {
  return fc
    .array(fc.integer({ min: lo, max: lo + 2 ** bits - 1 }), { minLength: size, maxLength: size })
    .map((values) => ({ dtype, lo, bits, values }));
}

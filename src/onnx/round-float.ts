import { roundEven } from '../graph/kernels/elementwise.ts';
import type { DType } from '../tensor/dtype.ts';
import { type FloatFormat, floatFormats } from '../tensor/small-floats.ts';

/**
 * The value of a real type nearest to x, ties to an even mantissa. What lies beyond the largest value becomes that value
 * in an 8-bit type when `saturate`, infinity or NaN otherwise. `undefined` when the type has no such value.
 */
export function roundFloat(dtype: DType, x: number, saturate: boolean): number | undefined {
  if (dtype === 'float64') return x;
  if (dtype === 'float32') return Math.fround(x);
  const format = floatFormats[dtype];
  if (format === undefined || (Number.isNaN(x) && format.specials === 'none')) return undefined;
  if (Number.isNaN(x) || x === 0) return x;
  const magnitude = roundMagnitude(format, Math.abs(x));
  const largest = largestOf(format);
  if (magnitude <= largest) return Math.sign(x) * magnitude;
  const isByte = format.exponentBits + format.mantissaBits < 8;
  if (format.specials === 'none' || (isByte && saturate)) return Math.sign(x) * largest;
  return format.specials === 'ieee' ? Math.sign(x) * Number.POSITIVE_INFINITY : Number.NaN;
}

/** Rounds to the format's mantissa as if its exponents had no upper end. */
function roundMagnitude({ mantissaBits, bias }: FloatFormat, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return x;
  let exponent = Math.floor(Math.log2(x));
  if (2 ** exponent > x) exponent--;
  const unit = 2 ** (Math.max(exponent, 1 - bias) - mantissaBits);
  return roundEven(x / unit) * unit;
}

function largestOf({ exponentBits, mantissaBits, bias, specials }: FloatFormat): number {
  const top = 2 ** exponentBits - (specials === 'ieee' ? 2 : 1) - bias;
  const lost = specials === 'nan-only' ? 2 : 1;
  return (2 - lost * 2 ** -mantissaBits) * 2 ** top;
}

/** Integers up to this magnitude are values of the type. */
export const exactIntegers = (dtype: DType): number => 2 ** ((floatFormats[dtype]?.mantissaBits ?? -1) + 1);

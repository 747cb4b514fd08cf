import type { DType } from './dtype.ts';

export interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Which codes are special: IEEE infinities and NaN, one NaN per sign, NaN at −0 only, or none. */
  readonly specials: 'ieee' | 'nan-only' | 'unsigned-zero' | 'none';
}

/** The narrow formats with a sign, an exponent and a mantissa. */
export const floatFormats: Partial<Record<DType, FloatFormat>> = {
  float16: { exponentBits: 5, mantissaBits: 10, bias: 15, specials: 'ieee' },
  bfloat16: { exponentBits: 8, mantissaBits: 7, bias: 127, specials: 'ieee' },
  float8e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, specials: 'nan-only' },
  float8e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, specials: 'unsigned-zero' },
  float8e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, specials: 'ieee' },
  float8e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, specials: 'unsigned-zero' },
  float4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, specials: 'none' },
};

/** The value of a bit pattern of one of the narrow float formats, or `undefined` for another type. */
export function smallFloat(dtype: DType, code: number): number | undefined {
  if (dtype === 'float8e8m0') return code === 255 ? Number.NaN : 2 ** (code - 127);
  const format = floatFormats[dtype];
  if (format === undefined) return undefined;
  const { exponentBits, mantissaBits, bias, specials } = format;
  const mantissaUnit = 2 ** mantissaBits;
  const signed = Math.floor(code / (mantissaUnit * 2 ** exponentBits)) % 2 === 1;
  const exponent = Math.floor(code / mantissaUnit) % 2 ** exponentBits;
  const mantissa = code % mantissaUnit;
  const top = 2 ** exponentBits - 1;
  if (specials === 'unsigned-zero' && signed && exponent === 0 && mantissa === 0) return Number.NaN;
  if (specials === 'nan-only' && exponent === top && mantissa === mantissaUnit - 1) return Number.NaN;
  const sign = signed ? -1 : 1;
  if (specials === 'ieee' && exponent === top) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * (mantissa / mantissaUnit) * 2 ** (1 - bias);
  return sign * (1 + mantissa / mantissaUnit) * 2 ** (exponent - bias);
}

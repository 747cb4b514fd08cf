import type { NumericTensor } from './model.ts';
import { UnsupportedError } from './unsupported.ts';

/** Why a tensor of 64-bit integers that float64 does not hold cannot be used, or `undefined` when it can. */
export function roundedIntegers({ data, inexact }: NumericTensor): UnsupportedError | undefined {
  if (!inexact || data.every(isExactOrSentinel)) return undefined;
  return new UnsupportedError(
    'holds 64-bit integers beyond ±2^53, which are not exact here',
    'Use smaller values or a narrower type.',
  );
}

/** The ends of the 64-bit range stand for "as far as it goes" in slices; anything else must be exact. */
const isExactOrSentinel = (value: number): boolean => Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 63;

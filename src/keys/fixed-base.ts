import { startCurve } from './curve-instance.ts';

/** Scalars to multiply a group's generator by: eight words each, canonical. */
export interface BaseScalars {
  readonly group: 'g1' | 'g2';
  readonly scalars: Uint32Array;
}

/** Scalars k to points k·G (affine, Montgomery form, as keys store them), over shared memory: workers fill it in place. */
export interface BaseTask extends BaseScalars {
  readonly points: Uint8Array;
}

const SCALAR_BITS = 254;
const SCALAR_WORDS = 8;
const CHUNK = 4096;

/** Bytes of an affine point. */
export const POINT_BYTES = { g1: 64, g2: 128 } as const;

/**
 * Fixed-base multiplication with unsigned windows of w bits: a table holds d·2^(w·i)·G for every digit d > 0
 * and window i, so a multiplication is one mixed addition per non-zero digit.
 */
export async function multiplyBase(
  { group, scalars, points }: BaseTask,
  code: Uint8Array,
  generator: number,
  onDone: (count: number) => void,
): Promise<void> {
  const count = scalars.length / SCALAR_WORDS;
  const windowBits = chooseWindow(count);
  const windows = Math.ceil(SCALAR_BITS / windowBits);
  const digits = 2 ** windowBits - 1;
  const affineBytes = POINT_BYTES[group];
  const jacobianBytes = (affineBytes * 3) / 2;
  const batch = Math.max(digits, CHUNK);
  const size = windows * digits * affineBytes + batch * jacobianBytes + 1024;
  const curve = await startCurve(code, size, batch * jacobianBytes * 2);
  const prefix = `${group}m`;
  const addMixed = curve.call(`${prefix}_addMixed`);
  const batchToAffine = curve.call(`${prefix}_batchToAffine`);
  const toAffine = curve.call(`${prefix}_toAffine`);
  const toJacobian = curve.call(`${prefix}_toJacobian`);
  const zero = curve.call(`${prefix}_zero`);

  const table = curve.allocate(windows * digits * affineBytes);
  const sums = curve.allocate(batch * jacobianBytes);
  const base = curve.allocate(affineBytes);
  const next = curve.allocate(jacobianBytes);
  toAffine(generator, base);
  for (let window = 0; window < windows; window++) {
    toJacobian(base, sums);
    for (let i = 1; i < digits; i++) addMixed(sums + (i - 1) * jacobianBytes, base, sums + i * jacobianBytes);
    addMixed(sums + (digits - 1) * jacobianBytes, base, next);
    batchToAffine(sums, digits, table + window * digits * affineBytes);
    toAffine(next, base);
  }

  for (let start = 0; start < count; start += CHUNK) {
    const chunk = Math.min(CHUNK, count - start);
    for (let i = 0; i < chunk; i++) {
      const sum = sums + i * jacobianBytes;
      let empty = true;
      for (let window = 0; window < windows; window++) {
        const digit = digitAt(scalars, SCALAR_WORDS * (start + i), window * windowBits, digits);
        if (digit === 0) continue;
        const entry = table + (window * digits + digit - 1) * affineBytes;
        if (empty) toJacobian(entry, sum);
        else addMixed(sum, entry, sum);
        empty = false;
      }
      if (empty) zero(sum);
    }
    batchToAffine(sums, chunk, sums);
    points.set(curve.bytes.subarray(sums, sums + chunk * affineBytes), start * affineBytes);
    onDone(chunk);
  }
}

function digitAt(scalars: Uint32Array, at: number, bit: number, mask: number): number {
  const word = bit >>> 5;
  const shift = bit & 31;
  let digit = scalars[at + word] >>> shift;
  if (shift > 0 && word < SCALAR_WORDS - 1) digit |= scalars[at + word + 1] << (32 - shift);
  return digit & mask;
}

/** The window that makes table and additions together cheapest. */
function chooseWindow(count: number): number {
  let best = 2;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let bits = 2; bits <= 16; bits++) {
    const cost = Math.ceil(SCALAR_BITS / bits) * (count + 1.6 * 2 ** bits);
    if (cost < bestCost) {
      best = bits;
      bestCost = cost;
    }
  }
  return best;
}

import { InternalError } from '../errors.ts';
import { invertMany, isScalar, type Scalar, toScalar } from './bn254.ts';

/** What a Poseidon permutation is made of: `constants[round][word]`, and the matrix that mixes words. */
export interface PoseidonParameters {
  readonly constants: readonly (readonly Scalar[])[];
  readonly matrix: readonly (readonly Scalar[])[];
}

const fieldBits = 254;
const stateBits = 80;
const discarded = 160;

/**
 * The parameters that the designers' script derives for x⁵ over BN254 (Grassi et al., "Poseidon", appendix F): a Grain
 * LFSR seeded with the instance gives the round constants and two lists of which the matrix is the Cauchy matrix. Nobody
 * chose a number of them.
 */
export function derivePoseidon(width: number, fullRounds: number, partialRounds: number): PoseidonParameters {
  const next = grainBits([
    ...[[1, 2] as const, [0, 4] as const, [fieldBits, 12] as const],
    ...[[width, 12] as const, [fullRounds, 10] as const, [partialRounds, 10] as const],
  ]);
  const constants = Array.from({ length: fullRounds + partialRounds }, () =>
    Array.from({ length: width }, () => nextScalar(next)),
  );
  const points = Array.from({ length: 2 * width }, () => toScalar(nextNumber(next)));
  if (new Set(points).size !== points.length) throw new InternalError('Two points of the Cauchy matrix are equal.');
  const columns = points.slice(width);
  const matrix = points.slice(0, width).map((x) => invertMany(columns.map((y) => toScalar(x + y))));
  return { constants, matrix };
}

/** A generator of bits. Of every pair of bits that the register gives, the second counts if the first is set. */
function grainBits(seed: readonly (readonly [value: number, bits: number])[]): () => number {
  const register = new Uint8Array(stateBits).fill(1);
  let at = 0;
  for (const [value, bits] of seed) {
    for (let bit = bits - 1; bit >= 0; bit--) register[at++] = Math.floor(value / 2 ** bit) % 2;
  }
  let head = 0;
  const tap = (offset: number): number => register[(head + offset) % stateBits];
  const step = (): number => {
    const bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
    register[head] = bit;
    head = (head + 1) % stateBits;
    return bit;
  };
  for (let i = 0; i < discarded; i++) step();
  return () => {
    while (step() === 0) step();
    return step();
  };
}

function nextNumber(next: () => number): bigint {
  let text = '0b';
  for (let bit = 0; bit < fieldBits; bit++) text += next();
  return BigInt(text);
}

function nextScalar(next: () => number): Scalar {
  for (;;) {
    const value = nextNumber(next);
    if (isScalar(value)) return value;
  }
}

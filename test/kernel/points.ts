import { bn254 } from '@noble/curves/bn254.js';
import { BASE_MODULUS, SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../../src/field/bytes.ts';

export type Group = 1 | 2;
export const pointBytes = (group: Group) => 2 * FIELD_BYTES * group;

/** Multiples of the generator of a group, as keys store them: affine, in Montgomery form, zeros for infinity. */
export function multiples(group: Group, factors: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(pointBytes(group) * factors.length);
  const coordinates = affineMultiples(group, factors);
  coordinates.forEach((point, i) => {
    point.forEach((coordinate, j) => {
      writeLittleEndian(bytes, pointBytes(group) * i + FIELD_BYTES * j, (coordinate << 256n) % BASE_MODULUS);
    });
  });
  return bytes;
}

/** Coordinates of factor·G, each factor modulo r; infinity as zeros. */
function affineMultiples(group: Group, factors: readonly bigint[]): bigint[][] {
  const { G1, G2 } = bn254;
  return factors.map((factor) => {
    const reduced = ((factor % SCALAR_MODULUS) + SCALAR_MODULUS) % SCALAR_MODULUS;
    if (reduced === 0n) return Array.from({ length: 2 * group }, () => 0n);
    if (group === 1) {
      const { x, y } = G1.Point.BASE.multiply(reduced).toAffine();
      return [x, y];
    }
    const { x, y } = G2.Point.BASE.multiply(reduced).toAffine();
    return [x.c0, x.c1, y.c0, y.c1];
  });
}

export function scalarBytes(scalars: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES * scalars.length);
  scalars.forEach((scalar, i) => {
    writeLittleEndian(bytes, FIELD_BYTES * i, scalar);
  });
  return bytes;
}

/** Repeats `count` points out of a few, so that large sums need few multiplications by the oracle. */
export function repeatPoints(group: Group, points: Uint8Array, choice: readonly number[]): Uint8Array {
  const size = pointBytes(group);
  const bytes = new Uint8Array(size * choice.length);
  choice.forEach((index, i) => {
    bytes.set(points.subarray(size * index, size * (index + 1)), size * i);
  });
  return bytes;
}

/** A reproducible stream of numbers below 2^256. */
export function randomIntegers(seed: number): () => bigint {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const next = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & (2n ** 128n - 1n);
    return state >> 64n;
  };
  return () => (next() << 192n) | (next() << 128n) | (next() << 64n) | next();
}

import { BASE_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian } from '../field/bytes.ts';
import { MalformedFileError } from '../field/sections.ts';
import type { G1Point, G2Point } from '../verify/types.ts';

/** Bytes of an affine point as `.zkey` and `.ptau` files store it: little-endian, in Montgomery form. */
export const G1_BYTES = 64;
export const G2_BYTES = 128;

/** The coordinates stored at `offset`; whether they are a point is for the caller to check. */
export function g1At(bytes: Uint8Array, offset: number): G1Point {
  return [coordinateAt(bytes, offset), coordinateAt(bytes, offset + FIELD_BYTES)];
}

export function g2At(bytes: Uint8Array, offset: number): G2Point {
  const [x0, x1, y0, y1] = [0, 1, 2, 3].map((i) => coordinateAt(bytes, offset + FIELD_BYTES * i));
  return [
    [x0, x1],
    [y0, y1],
  ];
}

/** 2^-256 mod q: takes coordinates out of Montgomery form. */
const OUT_OF_MONTGOMERY = 20988524275117001072002809824448087578619730785600314334253784976379291040311n;

function coordinateAt(bytes: Uint8Array, offset: number): bigint {
  const value = readLittleEndian(bytes, offset);
  if (value >= BASE_MODULUS) throw new MalformedFileError('zkey', 'a coordinate is not below the modulus');
  return (value * OUT_OF_MONTGOMERY) % BASE_MODULUS;
}

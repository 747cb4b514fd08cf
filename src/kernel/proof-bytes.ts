import { randomScalar } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian, writeLittleEndian } from '../field/bytes.ts';
import type { Fp2, Groth16Proof } from '../verify/types.ts';

/** Bytes of a proof as the kernels of native/ write it. */
export const PROOF_BYTES = 8 * FIELD_BYTES;

/** The two scalars that make a proof reveal nothing but its statement. */
export function drawBlinding(): Uint8Array {
  const bytes = new Uint8Array(2 * FIELD_BYTES);
  writeLittleEndian(bytes, 0, randomScalar());
  writeLittleEndian(bytes, FIELD_BYTES, randomScalar());
  return bytes;
}

/** A, B and C as integers: A.x, A.y, B.x.c0, B.x.c1, B.y.c0, B.y.c1, C.x, C.y. */
export function decodeProof(bytes: Uint8Array): Groth16Proof {
  const at = (index: number) => readLittleEndian(bytes, FIELD_BYTES * index);
  const x: Fp2 = [at(2), at(3)];
  const y: Fp2 = [at(4), at(5)];
  return { a: [at(0), at(1)], b: [x, y], c: [at(6), at(7)] };
}

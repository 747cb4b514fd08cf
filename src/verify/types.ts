import type { Scalar } from '../field/bn254.ts';

/** Affine coordinates on y² = x³ + 3. */
export type G1Point = readonly [x: bigint, y: bigint];

/** An element c0 + c1·u of the quadratic extension: the real part first. */
export type Fp2 = readonly [c0: bigint, c1: bigint];

/** Affine coordinates on the twist. */
export type G2Point = readonly [x: Fp2, y: Fp2];

export interface Groth16Proof {
  readonly a: G1Point;
  readonly b: G2Point;
  readonly c: G1Point;
}

export interface VerifyingKey {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** One point for the constant and one for each public signal. */
  readonly ic: readonly G1Point[];
}

/** What a verifier sees of the witness. */
export type PublicSignals = readonly Scalar[];

/**
 * `insecure-dev`: one party made the key and could forge proofs.
 * `ceremony`: a recorded multi-party setup made it.
 */
export type TrustLevel = 'insecure-dev' | 'ceremony';

import { bn254 } from '@noble/curves/bn254.js';
import { add, invert, multiply, randomScalar, type Scalar, subtract, toScalar } from '../../src/field/bn254.ts';
import type { G1Point, G2Point, Groth16Proof, VerifyingKey } from '../../src/verify/types.ts';

/** A key whose secrets are known, so that a valid proof of any signals takes no circuit and a few milliseconds. */
export interface ForgingKey {
  readonly verifyingKey: VerifyingKey;
  /** Proofs of the same signals differ, as those of an honest prover do. */
  forge(signals: readonly bigint[]): Groth16Proof;
}

/** `secret` gives the secrets; the same ones give the same key. */
export function createForgingKey(signals: number, secret: () => Scalar = randomScalar): ForgingKey {
  const [alpha, beta, gamma, delta] = Array.from({ length: 4 }, secret);
  const ic = Array.from({ length: signals + 1 }, secret);
  const invertedDelta = invert(delta);
  return {
    verifyingKey: { alpha: g1(alpha), beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map(g1) },
    forge(values) {
      const [a, b] = [randomScalar(), randomScalar()];
      const sum = values.reduce<Scalar>((total, value, i) => {
        return add(total, multiply(toScalar(value), ic[i + 1]));
      }, ic[0]);
      const rest = subtract(subtract(multiply(a, b), multiply(alpha, beta)), multiply(sum, gamma));
      return { a: g1(a), b: g2(b), c: g1(multiply(rest, invertedDelta)) };
    },
  };
}

function g1(scalar: Scalar): G1Point {
  const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
  return [x, y];
}

function g2(scalar: Scalar): G2Point {
  const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ];
}

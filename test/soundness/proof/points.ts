import { bn254 } from '@noble/curves/bn254.js';
import type { G1Point, G2Point, Groth16Proof } from '../../../src/verify/types.ts';

type G1 = InstanceType<typeof bn254.G1.Point>;
type G2 = InstanceType<typeof bn254.G2.Point>;

const g1 = ([x, y]: G1Point): G1 => bn254.G1.Point.fromAffine({ x, y });
const g2 = ([x, y]: G2Point): G2 => bn254.G2.Point.fromAffine({ x: { c0: x[0], c1: x[1] }, y: { c0: y[0], c1: y[1] } });

function fromG1(point: G1): G1Point {
  const { x, y } = point.toAffine();
  return [x, y];
}

function fromG2(point: G2): G2Point {
  const { x, y } = point.toAffine();
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ];
}

/**
 * Another proof of the same statement, made without its witness: t⁻¹·A, t·B + t·u·δ and C + u·A satisfy the equation
 * whenever A, B and C do.
 */
export function rerandomise({ a, b, c }: Groth16Proof, delta: G2Point, t: bigint, u: bigint): Groth16Proof {
  const { Fr } = bn254.fields;
  return {
    a: fromG1(g1(a).multiply(Fr.inv(t))),
    b: fromG2(
      g2(b)
        .multiply(t)
        .add(g2(delta).multiply(Fr.mul(t, u))),
    ),
    c: fromG1(g1(c).add(g1(a).multiply(u))),
  };
}

export const negateG1 = (point: G1Point): G1Point => fromG1(g1(point).negate());
export const negateG2 = (point: G2Point): G2Point => fromG2(g2(point).negate());
export const doubleG1 = (point: G1Point): G1Point => fromG1(g1(point).double());
export const generator: G1Point = fromG1(bn254.G1.Point.BASE);

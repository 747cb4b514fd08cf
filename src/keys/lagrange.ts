import { invert, multiply, power, type Scalar, subtract, toScalar } from '../field/bn254.ts';
import { FIELD_BYTES } from '../field/bytes.ts';
import { type CurveInstance, storeScalar } from './curve-instance.ts';

/** The points start·step^j, j < count, of the group of `order`-th roots of unity. */
export interface Coset {
  readonly start: Scalar;
  readonly step: Scalar;
  readonly count: number;
  readonly order: number;
}

/** Bytes that `evaluateLagrange` allocates beside its result. */
export function lagrangeWorkspace(count: number): number {
  return 2 * FIELD_BYTES * count + 1024;
}

/**
 * Writes factor·L_x(tau) for every point x of the coset to `out`, in Montgomery form, where L_x is the
 * polynomial of degree < order that is 1 at x and 0 at the group's other elements:
 * L_x(tau) = x·(tau^order − 1) / (order·(tau − x)).
 */
export function evaluateLagrange(
  curve: CurveInstance,
  workspace: number,
  tau: Scalar,
  factor: Scalar,
  { start, step, count, order }: Coset,
  out: number,
): void {
  const multiplyTo = curve.call('frm_mul');
  const subtractTo = curve.call('frm_sub');
  const [tauAt, stepAt, constantAt] = [workspace, workspace + 64, workspace + 128];
  const points = workspace + 1024;
  const differences = points + FIELD_BYTES * count;
  const vanishing = subtract(power(tau, BigInt(order)), toScalar(1));
  const constant = multiply(factor, multiply(vanishing, invert(toScalar(order))));
  storeMontgomery(curve, tauAt, tau);
  storeMontgomery(curve, stepAt, step);
  storeMontgomery(curve, constantAt, constant);
  storeMontgomery(curve, points, start);
  for (let at = points; at < differences - FIELD_BYTES; at += FIELD_BYTES) multiplyTo(at, stepAt, at + FIELD_BYTES);
  for (let i = 0; i < FIELD_BYTES * count; i += FIELD_BYTES) subtractTo(tauAt, points + i, differences + i);
  curve.call('frm_batchInverse')(differences, FIELD_BYTES, count, out, FIELD_BYTES);
  for (let i = 0; i < FIELD_BYTES * count; i += FIELD_BYTES) {
    multiplyTo(points + i, out + i, out + i);
    multiplyTo(constantAt, out + i, out + i);
  }
}

export function storeMontgomery(curve: CurveInstance, address: number, value: Scalar): void {
  storeScalar(curve, address, value);
  curve.call('frm_toMontgomery')(address, address);
}

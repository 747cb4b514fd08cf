import { bn254 } from '@noble/curves/bn254.js';
import { VouchError } from '../errors.ts';
import { isScalar } from '../field/bn254.ts';
import { checkG1, checkG2, checkVerifyingKey, type NobleG1, type NobleG2 } from './points.ts';
import type { Groth16Proof, VerifyingKey } from './types.ts';

/**
 * Whether the proof shows the public signals: e(A, B) = e(α, β)·e(Σ sᵢ·ICᵢ, γ)·e(C, δ).
 * False for a wrong proof; throws for a malformed key, proof or signal.
 */
export function verifyGroth16(key: VerifyingKey, publicSignals: readonly bigint[], proof: Groth16Proof): boolean {
  const { alpha, beta, gamma, delta, constant, rest } = checkedKey(key);
  checkSignals(key, publicSignals);
  const a = checkG1('a', proof.a);
  const b = checkG2('b', proof.b);
  const c = checkG1('c', proof.c);
  const inputs = rest.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(publicSignals[i])), constant);
  const pairs = [
    { g1: a.negate(), g2: b },
    { g1: alpha, g2: beta },
    { g1: inputs, g2: gamma },
    { g1: c, g2: delta },
  ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  const { Fp12 } = bn254.fields;
  return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
}

interface CheckedKey {
  readonly alpha: NobleG1;
  readonly beta: NobleG2;
  readonly gamma: NobleG2;
  readonly delta: NobleG2;
  readonly constant: NobleG1;
  readonly rest: readonly NobleG1[];
}

/** Checking a key takes longer than a pairing. Keys are plain data that nobody changes, so each is checked once. */
const checked = new WeakMap<VerifyingKey, CheckedKey>();

function checkedKey(key: VerifyingKey): CheckedKey {
  const known = checked.get(key);
  if (known !== undefined) return known;
  checkVerifyingKey(key);
  const [constant, ...rest] = key.ic.map((point, i) => checkG1(`ic[${i}]`, point));
  const points = {
    alpha: checkG1('alpha', key.alpha),
    beta: checkG2('beta', key.beta),
    gamma: checkG2('gamma', key.gamma),
    delta: checkG2('delta', key.delta),
    constant,
    rest,
  };
  checked.set(key, points);
  return points;
}

/** Throws unless there is one reduced signal per point of the key. */
function checkSignals(key: VerifyingKey, publicSignals: readonly bigint[]): void {
  const expected = key.ic.length - 1;
  if (publicSignals.length !== expected) throw new SignalCountError(expected, publicSignals.length);
  publicSignals.forEach((signal, i) => {
    if (!isScalar(signal)) throw new SignalRangeError(i, signal);
  });
}

/** The proof is for a circuit with another number of public signals. */
export class SignalCountError extends VouchError {
  override readonly name = 'Verify.SignalCountError';

  constructor(expected: number, got: number) {
    super(`The verifying key takes ${expected} public signals and got ${got}.`, {
      metaMessages: ['Check that proof and key come from the same model.'],
    });
  }
}

/** s and s + r are the same field element; only the smaller is accepted, so that a statement has one spelling. */
export class SignalRangeError extends VouchError {
  override readonly name = 'Verify.SignalRangeError';

  constructor(index: number, value: bigint) {
    super(`Public signal ${index} is ${value}, which is not a field element in canonical form.`);
  }
}

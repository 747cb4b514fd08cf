import { bn254 } from '@noble/curves/bn254.js';
import { expect, test } from 'vitest';
import {
  BASE_MODULUS,
  invert,
  multiply,
  randomScalar,
  SCALAR_MODULUS,
  subtract,
  toScalar,
} from '../../src/field/bn254.ts';
import { verifyingKeyWords } from '../../src/verify/evm-words.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { checkG2 } from '../../src/verify/points.ts';
import {
  decodeProofJson,
  decodeVerifyingKeyJson,
  encodeProofJson,
  encodeVerifyingKeyJson,
} from '../../src/verify/snarkjs-json.ts';
import type { G1Point, G2Point, Groth16Proof, VerifyingKey } from '../../src/verify/types.ts';
import { pointOutsideSubgroup } from './outside-subgroup.ts';

const g1 = (k: bigint): G1Point => {
  const { x, y } = bn254.G1.Point.BASE.multiply(k).toAffine();
  return [x, y];
};
const g2 = (k: bigint): G2Point => {
  const { x, y } = bn254.G2.Point.BASE.multiply(k).toAffine();
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ];
};

/** With the key's secrets a proof of anything solves a·b = αβ + (Σ sᵢ·icᵢ)·γ + c·δ for c. */
function forge(signals: readonly bigint[]): { key: VerifyingKey; proof: Groth16Proof } {
  const [alpha, beta, gamma, delta, a, b] = Array.from({ length: 6 }, randomScalar);
  const ic = Array.from({ length: signals.length + 1 }, randomScalar);
  const sum = signals.reduce((total, signal, i) => total + signal * ic[i + 1], BigInt(ic[0]));
  const rest = subtract(multiply(a, b), toScalar(alpha * beta + sum * gamma));
  const c = multiply(rest, invert(delta));
  const key = { alpha: g1(alpha), beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map(g1) };
  return { key, proof: { a: g1(a), b: g2(b), c: g1(c) } };
}

test('accepts what satisfies the equation and nothing beside it', () => {
  const signals = [5n, 0n, SCALAR_MODULUS - 1n];
  const { key, proof } = forge(signals);
  expect(verifyGroth16(key, signals, proof)).toBe(true);
  for (const i of signals.keys()) {
    const changed = signals.with(i, (signals[i] + 1n) % SCALAR_MODULUS);
    expect(verifyGroth16(key, changed, proof)).toBe(false);
  }
  expect(verifyGroth16(key, signals, { ...proof, a: proof.c })).toBe(false);
  expect(verifyGroth16(key, signals, { ...proof, b: g2(7n) })).toBe(false);
  expect(verifyGroth16(key, signals, { ...proof, c: g1(7n) })).toBe(false);
  expect(verifyGroth16({ ...key, delta: key.gamma, gamma: key.delta }, signals, proof)).toBe(false);
});

test('malformed input throws a typed error', () => {
  const { key, proof } = forge([1n]);
  const verify =
    (change: Partial<Groth16Proof>, signals = [1n], changed = key) =>
    () =>
      verifyGroth16(changed, signals, { ...proof, ...change });
  const [x, y] = proof.a;
  expect(verify({}, [])).toThrow('takes 1 public signals and got 0');
  expect(verify({}, [1n, 1n])).toThrow('takes 1 public signals and got 2');
  expect(verify({}, [1n + SCALAR_MODULUS])).toThrow('Public signal 0');
  expect(verify({}, [-1n])).toThrow('Public signal 0');
  expect(verify({ a: [x, y + 1n] })).toThrow('a is malformed: it does not lie on the curve');
  expect(verify({ a: [x + BASE_MODULUS, y] })).toThrow('not below the modulus');
  expect(verify({ c: [x, y - BASE_MODULUS] })).toThrow('not below the modulus');
  expect(verify({ b: pointOutsideSubgroup() })).toThrow('b is malformed: it does not lie in the right group');
  expect(verify({}, [1n], { ...key, alpha: [0n, 0n] })).toThrow('point at infinity');
  expect(verify({}, [1n], { ...key, delta: pointOutsideSubgroup() })).toThrow('delta is malformed');
});

test('the point outside the subgroup does lie on the curve', () => {
  const [[c0, c1], [d0, d1]] = pointOutsideSubgroup();
  const point = bn254.G2.Point.fromAffine({ x: { c0, c1 }, y: { c0: d0, c1: d1 } });
  expect(point.isTorsionFree()).toBe(false);
  const { Fp2 } = bn254.fields;
  const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  expect(Fp2.eql(Fp2.sqr(point.toAffine().y), Fp2.add(Fp2.pow(point.toAffine().x, 3n), b))).toBe(true);
  expect(() => checkG2('b', g2(3n))).not.toThrow();
});

test('keys and proofs survive their JSON form, and only canonical JSON is read', () => {
  const { key, proof } = forge([1n, 2n]);
  const keyJson = JSON.parse(JSON.stringify(encodeVerifyingKeyJson(key)));
  const proofJson = JSON.parse(JSON.stringify(encodeProofJson(proof)));
  expect(decodeVerifyingKeyJson(keyJson)).toEqual(key);
  expect(decodeProofJson(proofJson)).toEqual(proof);
  const [x, y] = proofJson.pi_a;
  for (const pi_a of [
    [`0${x}`, y, '1'],
    [x, y, '2'],
    [x, y],
    [x, y, '1', '1'],
    [Number(x), y, '1'],
    ['', y, '1'],
    ['0x1', y, '1'],
  ]) {
    expect(() => decodeProofJson({ ...proofJson, pi_a }), JSON.stringify(pi_a)).toThrow('Malformed');
  }
  expect(() => decodeProofJson({ ...proofJson, extra: 1 })).toThrow('unknown field "extra"');
  expect(() => decodeVerifyingKeyJson({ ...keyJson, nPublic: 1 })).toThrow('nPublic');
  expect(() => decodeVerifyingKeyJson({ ...keyJson, protocol: 'plonk' })).toThrow('plonk');
});

test('the words of a key hold its points in the order of the pairing', () => {
  const { key } = forge([9n]);
  const words = verifyingKeyWords(key);
  expect(words).toHaveLength(20);
  expect(words.slice(0, 2)).toEqual([key.alpha[0], BASE_MODULUS - key.alpha[1]]);
  expect(words.slice(2, 6)).toEqual([key.beta[0][1], key.beta[0][0], key.beta[1][1], key.beta[1][0]]);
  expect(words.slice(18)).toEqual(key.ic[1]);
});

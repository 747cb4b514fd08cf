import { readFileSync } from 'node:fs';
import { poseidon16 } from 'poseidon-lite/poseidon16';
import { describe, expect, test } from 'vitest';
import { SCALAR_MODULUS, toScalar } from '../../src/field/bn254.ts';
import { commit, domainTag, permutationsFor } from '../../src/field/commitment.ts';
import { boxCount, permute, poseidonParameters } from '../../src/field/poseidon.ts';
import { packLanes } from '../../src/tensor/lanes.ts';
import { referenceCommitment, referencePermutation } from './reference-sponge.ts';

interface Vector {
  readonly name: string;
  readonly laneBytes: number;
  readonly lo: string;
  readonly hi: string;
  readonly salt: string;
  readonly elements: readonly string[];
  readonly commitment: string;
}

const { cases }: { cases: Vector[] } = JSON.parse(
  readFileSync(new URL('../vectors/commitments.json', import.meta.url), 'utf8'),
);
const numbers = Array.from({ length: 16 }, (_, i) => BigInt(i + 1));

test('the permutation is that of circomlib: its published vector and poseidon-lite', () => {
  const [first] = permute([0n, ...numbers].map(toScalar));
  expect(first).toBe(9989051620750914585850546081941653841776809718687451684622678807385399211877n);
  for (const power of [1n, 5n, 200n]) {
    const inputs = numbers.map((n) => (n + 11n) ** power % SCALAR_MODULUS);
    expect(permute([0n, ...inputs].map(toScalar))[0]).toBe(poseidon16(inputs));
    for (const capacity of [0n, 1n, SCALAR_MODULUS - 1n]) {
      const state = [capacity, ...inputs];
      expect(permute(state.map(toScalar))).toEqual(referencePermutation(state));
    }
  }
});

test('the parameters are derived, not copied: 76 rounds of 17 constants and an invertible matrix', () => {
  const { constants, matrix } = poseidonParameters();
  expect(constants).toHaveLength(76);
  expect(new Set(constants.flat()).size).toBe(76 * 17);
  expect(new Set(matrix.flat()).size).toBe(17 * 17);
  const boxes: bigint[] = [];
  permute(
    numbers.concat(0n).map((n) => toScalar(n)),
    (input) => boxes.push(input),
  );
  expect(boxes).toHaveLength(boxCount);
  expect(boxCount).toBe(204);
});

describe.each(cases)('$name', ({ laneBytes, lo, hi, salt, elements, commitment }) => {
  const form = { elements: elements.length, laneBytes, lo: Number(lo), hi: Number(hi) };
  const words = packLanes({ ...form, lanes: Math.floor(31 / laneBytes) }, elements.map(BigInt));

  test('gives the commitment of the vector', () => {
    expect(commit(form, words, toScalar(BigInt(salt)))).toBe(BigInt(commitment));
    const reference = { ...form, lo: BigInt(lo), hi: BigInt(hi) };
    expect(referenceCommitment(reference, words, BigInt(salt))).toBe(BigInt(commitment));
  });

  test('gives another one for anything else', () => {
    const others = [
      commit(form, words, toScalar(BigInt(salt) + 1n)),
      commit({ ...form, elements: form.elements + 1 }, words, toScalar(BigInt(salt))),
      commit({ ...form, laneBytes: laneBytes + 1 }, words, toScalar(BigInt(salt))),
      commit({ ...form, lo: form.lo - 1, hi: form.hi - 1 }, words, toScalar(BigInt(salt))),
      commit({ ...form, hi: form.hi + 1 }, words, toScalar(BigInt(salt))),
      commit(form, [...words, 1n], toScalar(BigInt(salt))),
      ...words.slice(0, 3).map((word, i) => commit(form, words.with(i, word + 1n), toScalar(BigInt(salt)))),
    ];
    expect(others).not.toContain(BigInt(commitment));
    expect(new Set(others).size).toBe(others.length);
  });
});

test('a block takes the salt and 15 words', () => {
  expect([0, 1, 15, 16, 31, 32].map(permutationsFor)).toEqual([1, 1, 1, 2, 2, 3]);
});

test('domain tags tell forms apart and lie far below the order of the field', () => {
  const form = { elements: 784, laneBytes: 1, lo: -1, hi: 254 };
  expect(domainTag(form).toString(16)).toBe('766f7563682d63310100000310ffffffffffffffff00000000000000ff');
  expect(domainTag({ ...form, elements: 2 ** 32 - 1, laneBytes: 31 })).toBeLessThan(2n ** 232n);
});

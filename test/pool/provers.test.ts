import { expect, test } from 'vitest';
import { proversFor } from '../../src/pool/provers.ts';

const plenty = { processors: 8, proofs: 1000, keyBytes: 75e6, memoryBytes: 64e9 };

test('a full queue gets one prover per processor', () => {
  expect(proversFor(plenty)).toBe(8);
});

test('a short queue leaves processors to the threads of each proof', () => {
  expect(proversFor({ ...plenty, proofs: 3 })).toBe(3);
});

test('memory bounds them, and one prover is always there', () => {
  expect(proversFor({ ...plenty, memoryBytes: 1e9 })).toBe(3);
  expect(proversFor({ ...plenty, keyBytes: 4e9, memoryBytes: 1e9 })).toBe(1);
  expect(proversFor({ ...plenty, proofs: 0 })).toBe(1);
});

import { beforeAll, expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../../src/field/bn254.ts';
import { terminateCurve } from '../../../src/kernel/snarkjs.ts';
import { pointOutsideSubgroup } from '../../verify/outside-subgroup.ts';
import { thorough } from '../thorough.ts';
import { doubleG1, generator, negateG1, negateG2, rerandomise } from './points.ts';
import { type ProvedStatements, proveStatements, type Statement } from './proved.ts';
import { ourVerdict, snarkjsVerdict } from './verdict.ts';

let proved: ProvedStatements;
beforeAll(async () => {
  proved = await proveStatements();
  return terminateCurve;
});

const zero = [0n, 0n] as const;

/** Everything that a forger can do to a proof without knowing a witness, and what we answer. */
const forgeries: readonly (readonly [string, 'fails' | 'malformed', (proved: ProvedStatements) => Statement])[] = [
  ['another key of the same circuit', 'fails', ({ honest, otherKey }) => ({ ...honest, key: otherKey })],
  ['the key of another model', 'fails', ({ honest, otherModel }) => ({ ...honest, key: otherModel })],
  ['the proof of another statement', 'fails', ({ honest, other }) => ({ ...honest, proof: other.proof })],
  ['the signals of another statement', 'fails', ({ honest, other }) => ({ ...honest, signals: other.signals })],
  ['signals swapped', 'fails', ({ honest }) => withSignals(honest, ([a, b, ...rest]) => [b, a, ...rest])],
  ['signals reversed', 'fails', ({ honest }) => withSignals(honest, (signals) => signals.toReversed())],
  ['all signals zero', 'fails', ({ honest }) => withSignals(honest, (signals) => signals.map(() => 0n))],
  ['a signal too few', 'malformed', ({ honest }) => withSignals(honest, (signals) => signals.slice(1))],
  ['a signal too many', 'malformed', ({ honest }) => withSignals(honest, (signals) => [...signals, 0n])],
  ['a signal + r', 'malformed', ({ honest }) => withSignals(honest, ([a, ...rest]) => [a + SCALAR_MODULUS, ...rest])],
  ['a signal − r', 'malformed', ({ honest }) => withSignals(honest, ([a, ...rest]) => [a - SCALAR_MODULUS, ...rest])],
  ['all points zero', 'fails', ({ honest }) => ({ ...honest, proof: { a: zero, b: [zero, zero], c: zero } })],
  ['A zero', 'fails', ({ honest }) => withProof(honest, { a: zero })],
  ['B zero', 'fails', ({ honest }) => withProof(honest, { b: [zero, zero] })],
  ['C zero', 'fails', ({ honest }) => withProof(honest, { c: zero })],
  ['A and C swapped', 'fails', ({ honest }) => withProof(honest, { a: honest.proof.c, c: honest.proof.a })],
  ['A negated', 'fails', ({ honest }) => withProof(honest, { a: negateG1(honest.proof.a) })],
  ['B negated', 'fails', ({ honest }) => withProof(honest, { b: negateG2(honest.proof.b) })],
  ['C negated', 'fails', ({ honest }) => withProof(honest, { c: negateG1(honest.proof.c) })],
  ['A doubled', 'fails', ({ honest }) => withProof(honest, { a: doubleG1(honest.proof.a) })],
  ['C the generator', 'fails', ({ honest }) => withProof(honest, { c: generator })],
  [
    'αβ and nothing else',
    'fails',
    ({ honest }) => withProof(honest, { a: honest.key.alpha, b: honest.key.beta, c: zero }),
  ],
  ['B outside the subgroup', 'malformed', ({ honest }) => withProof(honest, { b: pointOutsideSubgroup() })],
  [
    'A off the curve',
    'malformed',
    ({ honest }) => withProof(honest, { a: [honest.proof.a[0], honest.proof.a[1] + 1n] }),
  ],
];

function withSignals(honest: Statement, change: (signals: readonly bigint[]) => readonly bigint[]): Statement {
  return { ...honest, signals: change(honest.signals) };
}

function withProof(honest: Statement, change: Partial<Statement['proof']>): Statement {
  return { ...honest, proof: { ...honest.proof, ...change } };
}

test.each(forgeries)('%s: %s', (_, expected, forge) => {
  expect(ourVerdict(forge(proved))).toBe(expected);
});

test.each(forgeries.filter((_, i) => thorough || i % 6 === 0))('%s: snarkjs rejects it too', async (_, __, forge) => {
  expect(await snarkjsVerdict(forge(proved))).toBe('fails');
});

test('honest proofs hold', async () => {
  for (const statement of [proved.honest, proved.other]) {
    expect(ourVerdict(statement)).toBe('holds');
    expect(await snarkjsVerdict(statement)).toBe('holds');
  }
});

test('a proof made anew from another holds: nothing may be keyed by a proof’s bytes', async () => {
  const { honest } = proved;
  const { a, b, c } = honest.proof;
  const anew = [rerandomise(honest.proof, honest.key.delta, 7n, 11n), { a: negateG1(a), b: negateG2(b), c }];
  for (const proof of anew) {
    expect(proof).not.toEqual(honest.proof);
    expect(ourVerdict({ ...honest, proof })).toBe('holds');
    expect(await snarkjsVerdict({ ...honest, proof })).toBe('holds');
    const moved = withSignals({ ...honest, proof }, (signals) => signals.with(-1, signals[0] + 1n));
    expect(ourVerdict(moved)).toBe('fails');
  }
});

import { Interface } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { BASE_MODULUS, SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import type { Groth16Proof } from '../../src/verify/types.ts';
import { fc } from '../property.ts';
import { pointOutsideSubgroup } from '../verify/outside-subgroup.ts';
import { createForgingKey } from './forging-key.ts';
import { deployHub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { makeModelOf } from './test-model.ts';

const RUNS = process.env.VOUCH_HEAVY === undefined ? 100 : 1000;
const AT_ONCE = 50;
const SIGNALS = 3;
const key = createForgingKey(SIGNALS);
const abi = new Interface(loadArtifact('ModelVerifier').abi);
let chain: TestChain;
let verifier: string;

beforeAll(async () => {
  chain = await startTestChain();
  const hub = await deployHub(chain);
  const model = makeModelOf(key, SIGNALS);
  await hub.register(model);
  verifier = String(await hub.call('verifierOf', model.modelId));
});
afterAll(() => chain.stop());

interface Claim {
  readonly words: readonly bigint[];
  readonly signals: readonly bigint[];
}

type Change = (claim: Claim) => Claim;

const honest = Array.from({ length: 4 }, (_, i): Claim => {
  const signals = [BigInt(i), 2n ** 253n + BigInt(i), 77n];
  return { words: proofWords(key.forge(signals)), signals };
});
const [donor] = honest;
const outside = proofWords({ a: [0n, 0n], b: pointOutsideSubgroup(), c: [0n, 0n] }).slice(2, 6);
const put = (words: readonly bigint[], at: number, part: readonly bigint[]) =>
  words.toSpliced(at, part.length, ...part);

const mapAt = (signals: readonly bigint[], at: number, apply: (signal: bigint) => bigint) =>
  signals.map((signal, i) => (i === at ? apply(signal) : signal));

const wordAt = fc.nat({ max: 7 });
const signalAt = fc.nat({ max: SIGNALS - 1 });
const points = [
  [0, 2],
  [2, 6],
  [6, 8],
] as const;
const pointAt = fc.constantFrom(...points);

/** One change to a proof or its signals; some leave the claim valid, some make it wrong, some malformed. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(wordAt, fc.nat({ max: 255 })).map(([at, bit]): Change => {
    return ({ words, signals }) => ({ words: words.with(at, words[at] ^ (1n << BigInt(bit))), signals });
  }),
  wordAt.map(
    (at): Change =>
      ({ words, signals }) => ({ words: words.with(at, words[at] + BASE_MODULUS), signals }),
  ),
  fc.tuple(wordAt, wordAt).map(([i, j]): Change => {
    return ({ words, signals }) => ({ words: words.with(i, words[j]).with(j, words[i]), signals });
  }),
  pointAt.map(([from, to]): Change => {
    return ({ words, signals }) => ({ words: put(words, from, Array<bigint>(to - from).fill(0n)), signals });
  }),
  pointAt.map(([from, to]): Change => {
    return ({ words, signals }) => ({ words: put(words, from, donor.words.slice(from, to)), signals });
  }),
  pointAt.map(([from, to]): Change => {
    const half = from + (to - from) / 2;
    return ({ words, signals }) => {
      const negated = words.slice(half, to).map((y) => (y === 0n ? 0n : BASE_MODULUS - (y % BASE_MODULUS)));
      return { words: put(words, half, negated), signals };
    };
  }),
  fc.constant<Change>(({ words, signals }) => ({ words: put(words, 2, outside), signals })),
  fc.constant<Change>(({ words, signals }) => {
    return { words: signals.length === SIGNALS ? proofWords(key.forge(signals)) : words, signals };
  }),
  fc.tuple(signalAt, fc.nat({ max: 255 })).map(([at, bit]): Change => {
    return ({ words, signals }) => ({ words, signals: mapAt(signals, at, (signal) => signal ^ (1n << BigInt(bit))) });
  }),
  signalAt.map((at): Change => {
    return ({ words, signals }) => ({ words, signals: mapAt(signals, at, (signal) => signal + SCALAR_MODULUS) });
  }),
  fc.constant<Change>(({ words, signals }) => ({ words, signals: signals.toReversed() })),
  fc.constantFrom<Change>(
    ({ words, signals }) => ({ words, signals: signals.slice(1) }),
    ({ words, signals }) => ({ words, signals: [...signals, 0n] }),
  ),
);
const claims = fc
  .tuple(fc.constantFrom(...honest), fc.array(change, { minLength: 1, maxLength: 2 }))
  .map(([claim, changes]) => changes.reduce((changed, apply) => apply(changed), claim))
  .filter(({ words, signals }) => [...words, ...signals].every((word) => word < 2n ** 256n));

function proofOf([ax, ay, bx1, bx0, by1, by0, cx, cy]: readonly bigint[]): Groth16Proof {
  const b = [
    [bx0, bx1],
    [by0, by1],
  ] as const;
  return { a: [ax, ay], b, c: [cx, cy] };
}

/** The library's verdict in the contract's words. */
function verdictHere({ words, signals }: Claim): string {
  const names = new Map([
    ['Verify.InvalidPointError', 'MalformedProof'],
    ['Verify.SignalRangeError', 'SignalOutOfField'],
    ['Verify.SignalCountError', 'WrongSignalCount'],
  ]);
  try {
    return String(verifyGroth16(key.verifyingKey, signals, proofOf(words)));
  } catch (error) {
    return (error instanceof Error && names.get(error.name)) || String(error);
  }
}

async function verdictOf(name: string, values: readonly unknown[]): Promise<string> {
  const transaction = { to: verifier, data: abi.encodeFunctionData(name, [...values]) };
  const refusal = await chain.refusal(transaction);
  if (refusal !== 'accepted') return refusal;
  return String(BigInt(String(await chain.rpc('eth_call', transaction, 'latest'))) === 1n);
}

test(`library, contract and batch agree on ${RUNS} changed claims`, { timeout: 600_000 }, async () => {
  const sample = fc.sample(claims, { numRuns: RUNS });
  const seen = new Map<string, number>();
  for (let at = 0; at < RUNS; at += AT_ONCE) {
    await Promise.all(
      sample.slice(at, at + AT_ONCE).map(async (claim) => {
        const here = verdictHere(claim);
        const { words, signals } = claim;
        expect(await verdictOf('verify', [words, signals]), JSON.stringify(claim.signals.map(String))).toBe(here);
        expect(await verdictOf('verifyBatch', [[words], signals])).toBe(here);
        seen.set(here, (seen.get(here) ?? 0) + 1);
      }),
    );
  }
  for (const verdict of ['true', 'false', 'MalformedProof', 'SignalOutOfField', 'WrongSignalCount']) {
    expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(RUNS / 50);
  }
});

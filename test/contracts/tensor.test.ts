import { readFileSync } from 'node:fs';
import { Interface } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { fc } from '../property.ts';
import { startTestChain, type TestChain } from './test-chain.ts';

/** A case of test/vectors/packing.json, which the TypeScript packing reads too. */
interface Vector {
  readonly name: string;
  readonly laneBytes: number;
  readonly lo: string;
  readonly hi: string;
  readonly elements: readonly string[];
  readonly signals: readonly string[];
}

const { cases }: { cases: Vector[] } = JSON.parse(
  readFileSync(new URL('../vectors/packing.json', import.meta.url), 'utf8'),
);
const abi = new Interface(loadArtifact('TensorProbe').abi);
let chain: TestChain;
let probe: string;

beforeAll(async () => {
  chain = await startTestChain();
  probe = await chain.deploy('TensorProbe');
});
afterAll(() => chain.stop());

const call = (name: string, ...values: unknown[]) => chain.call('TensorProbe', probe, name, ...values);
const refusal = (name: string, ...values: unknown[]) =>
  chain.refusal({ to: probe, data: abi.encodeFunctionData(name, values) });
const rowOf = ({ laneBytes, lo, hi, elements, signals }: Vector) => {
  return [1, laneBytes, signals.length, elements.length, BigInt(lo), BigInt(hi) - BigInt(lo), scaleBits(1)];
};

function scaleBits(scale: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, scale);
  return view.getBigUint64(0);
}

test.each(cases)('packs and unpacks $name', async (vector) => {
  const elements = vector.elements.map(BigInt);
  const signals = vector.signals.map(BigInt);
  expect(await call('pack', rowOf(vector), elements)).toEqual(signals);
  expect(await call('unpack', rowOf(vector), signals)).toEqual(elements);
});

test('refuses lanes out of their interval, bits beside the lanes and wrong lengths', async () => {
  const narrow = cases.find(({ name }) => name === 'a narrow interval');
  if (narrow === undefined) throw new Error('the vector is gone');
  const row = rowOf(narrow);
  const [signal] = narrow.signals.map(BigInt);
  const lane = (j: number) => 1n << BigInt(8 * (30 - j));
  expect(await refusal('unpack', row, [signal])).toBe('accepted');
  expect(await refusal('unpack', row, [lane(0) * 13n])).toBe('LaneOutOfInterval');
  expect(await refusal('unpack', row, [lane(4) * 255n])).toBe('LaneOutOfInterval');
  for (const j of [5, 6, 30]) expect(await refusal('unpack', row, [lane(j)])).toBe('PaddingNotZero');
  for (const bit of [248n, 253n, 255n]) expect(await refusal('unpack', row, [1n << bit])).toBe('PaddingNotZero');
  expect(await refusal('unpack', row, [])).toBe('WrongLength');
  expect(await refusal('unpack', row, [signal, 0n])).toBe('WrongLength');
  const elements = narrow.elements.map(BigInt);
  for (const value of [-4n, 10n, 2n ** 200n, -(2n ** 255n)]) {
    expect(await refusal('pack', row, elements.with(2, value))).toBe('LaneOutOfInterval');
  }
  expect(await refusal('pack', row, elements.slice(1))).toBe('WrongLength');
});

test('several tensors lie one after the other; a commitment is one element, a private tensor none', async () => {
  const bytes = [1, 1, 1, 2, 0n, 255n, 0n];
  const commitment = [2, 0, 1, 900, 0n, 0n, 0n];
  const hidden = [0, 0, 0, 77, 0n, 0n, 0n];
  const signals = [0x0102n << 232n, 2n ** 253n, 0x0304n << 232n];
  expect(await call('unpackAll', [bytes, commitment, hidden, bytes], signals)).toEqual([1n, 2n, 2n ** 253n, 3n, 4n]);
  expect(await refusal('unpackAll', [bytes], signals)).toBe('WrongLength');
  expect(await refusal('unpackAll', [commitment], [2n ** 255n])).toBe('CommitmentOutOfField');
});

/** scale · 10^100, exactly: a double ≥ 2^−100 has at most 100 decimals, and `toFixed` writes them all. */
function exact(scale: number): bigint {
  return BigInt(scale.toFixed(100).replace('.', ''));
}

const scalesFrom = (min: number) =>
  fc.oneof(
    fc.integer({ min: -30, max: 10 }).map((exponent) => 2 ** exponent),
    fc.double({ min, max: 1000, noNaN: true }),
  );
const units = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n });

test('decimals are exact', async () => {
  await fc.assert(
    fc.asyncProperty(units, scalesFrom(2 ** -8), async (count, scale) => {
      const result = await call('toDecimal', count, scaleBits(scale));
      if (!Array.isArray(result)) throw new Error('expected two values');
      const [value, decimals]: bigint[] = result;
      expect(value * 10n ** (100n - decimals)).toBe(count * exact(scale));
    }),
    { numRuns: 60 },
  );
});

test('fixed decimals are the nearest, halves away from zero; units are their inverse', async () => {
  const nearest = (numerator: bigint, denominator: bigint) => {
    const magnitude = ((numerator < 0n ? -numerator : numerator) * 2n + denominator) / (2n * denominator);
    return numerator < 0n ? -magnitude : magnitude;
  };
  await fc.assert(
    fc.asyncProperty(units, scalesFrom(2 ** -20), fc.integer({ min: 0, max: 18 }), async (count, scale, decimals) => {
      const ten = 10n ** BigInt(decimals);
      const fixed = nearest(count * exact(scale) * ten, 10n ** 100n);
      expect(await call('toFixed', count, scaleBits(scale), decimals)).toBe(fixed);
      expect(await call('toUnits', fixed, decimals, scaleBits(scale))).toBe(
        nearest(fixed * 10n ** 100n, exact(scale) * ten),
      );
    }),
    { numRuns: 60 },
  );
  expect(await call('toFixed', 1n, scaleBits(0.5), 0)).toBe(1n);
  expect(await call('toFixed', -1n, scaleBits(0.5), 0)).toBe(-1n);
  expect(await call('toFixed', 3n, scaleBits(Number.MIN_VALUE), 18)).toBe(0n);
});

test('what does not fit is refused, never wrong', async () => {
  const most = 2n ** 255n - 1n;
  expect(await refusal('toDecimal', 1n, scaleBits(Number.MIN_VALUE))).toBe('TooManyDigits');
  expect(await refusal('toDecimal', most, scaleBits(3))).toBe('TooManyDigits');
  expect(await refusal('toDecimal', 1n, scaleBits(1e300))).toBe('TooManyDigits');
  expect(await refusal('toFixed', most, scaleBits(1), 1)).toBe('TooManyDigits');
  expect(await refusal('toFixed', 1n, scaleBits(1), 78)).toBe('TooManyDigits');
  expect(await refusal('toUnits', most, 0, scaleBits(0.5))).toBe('TooManyDigits');
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const [name, ...values] of [['toDecimal'], ['toFixed', 2]] as const) {
      expect(await refusal(name, 1n, scaleBits(scale), ...values)).toBe('MalformedScale');
    }
  }
});

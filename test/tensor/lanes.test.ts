import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Lanes, lanesFor, laneWeight, packLanes, unpackLanes, wordCount } from '../../src/tensor/lanes.ts';
import { fc } from '../property.ts';

/** A case of test/vectors/packing.json, which contracts read too. */
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

/** Bounds beyond 2^53 are for contracts only; no circuit has such integers. */
const exact = cases.filter(({ lo, hi }) => Number.isSafeInteger(Number(lo)) && Number.isSafeInteger(Number(hi)));

function lanesOf({ lo, hi, laneBytes }: Vector): Lanes {
  return { lo: Number(lo), hi: Number(hi), laneBytes, lanes: Math.floor(31 / laneBytes) };
}

test('there are vectors to check', () => {
  expect(exact.length).toBeGreaterThanOrEqual(5);
});

describe.each(exact)('$name', (vector) => {
  const lanes = lanesOf(vector);
  const elements = vector.elements.map(BigInt);
  const signals = vector.signals.map(BigInt);

  test('packs and unpacks', () => {
    expect(packLanes(lanes, elements)).toEqual(signals);
    expect(unpackLanes(lanes, signals, elements.length)).toEqual(elements);
    expect(wordCount(lanes, elements.length)).toBe(signals.length);
  });

  test('is the sum of its weighted lanes', () => {
    const sums = signals.map(() => 0n);
    for (const [i, element] of elements.entries()) {
      const j = i % lanes.lanes;
      sums[(i - j) / lanes.lanes] += laneWeight(lanes, j) * (element - BigInt(lanes.lo));
    }
    expect(sums).toEqual(signals);
  });
});

test('the widths are the least that hold the interval', () => {
  const width = (lo: number, hi: number): readonly number[] => {
    const { laneBytes, lanes } = lanesFor(lo, hi);
    return [laneBytes, lanes];
  };
  expect(width(5, 5)).toEqual([1, 31]);
  expect(width(0, 255)).toEqual([1, 31]);
  expect(width(-128, 127)).toEqual([1, 31]);
  expect(width(-1, 255)).toEqual([2, 15]);
  expect(width(-(2 ** 23), 2 ** 23 - 1)).toEqual([3, 10]);
  expect(width(-1, 2 ** 24 - 1)).toEqual([4, 7]);
  expect(width(0, 2 ** 53 - 1)).toEqual([7, 4]);
});

test('lanes outside their interval, bits beside the lanes and other lengths are refused', () => {
  const lanes = lanesFor(-3, 9);
  const [word] = packLanes(lanes, [-3, 9, 8]);
  const refused = (words: readonly bigint[], size = 3): boolean => unpackLanes(lanes, words, size) === undefined;
  expect(refused([word])).toBe(false);
  expect(refused([word + laneWeight(lanes, 1)]), 'one above the bound').toBe(true);
  for (const j of [3, 4, 30]) expect(refused([word + laneWeight(lanes, j)]), `padding lane ${j}`).toBe(true);
  for (const bit of [248n, 253n, 300n]) expect(refused([word + (1n << bit)]), `bit ${bit}`).toBe(true);
  expect(refused([]), 'no word').toBe(true);
  expect(refused([word, 0n]), 'a word too many').toBe(true);
  expect(refused([word], 32), 'a word too few').toBe(true);
  expect(refused([word], 2), 'an element too many').toBe(true);
});

test('packing is injective: words come back as what was packed', () => {
  const tensor = fc
    .tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 0, max: 2 ** 40 }))
    .chain(([lo, reach]) =>
      fc.tuple(
        fc.constant(lo),
        fc.constant(lo + reach),
        fc.array(fc.integer({ min: lo, max: lo + reach }), { maxLength: 70 }),
      ),
    );
  fc.assert(
    fc.property(tensor, ([lo, hi, elements]) => {
      const lanes = lanesFor(lo, hi);
      const words = packLanes(lanes, Float64Array.from(elements));
      expect(unpackLanes(lanes, words, elements.length)).toEqual(elements.map(BigInt));
      expect(words.every((word) => word < 2n ** 248n)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

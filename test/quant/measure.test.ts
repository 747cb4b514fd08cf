import { expect, test } from 'vitest';
import { measure, measureUntilMissed } from '../../src/quant/measure.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import type { Sample } from '../../src/quant/sample.ts';

const origin = { node: 'x', op: 'Input' };
const shape = [1, 2];

/** Publishes its two inputs as they are: what is proved is the sample, whole numbers. */
const identity: QGraph = {
  nodes: ['a', 'b'].map((name) => ({
    ...{ kind: 'input' as const, inputs: [], shape, origin, name },
    ...{ scale: 1, zero: 0, lo: 0, bits: 12 },
  })),
  outputs: [
    { name: 'a', node: 0 },
    { name: 'b', node: 1 },
  ],
};
const proved = (a: readonly number[], b: readonly number[]): Sample =>
  new Map([
    ['a', Float64Array.from(a)],
    ['b', Float64Array.from(b)],
  ]);
const samples = [proved([1, 2], [1000, 2000]), proved([3, 4], [1001, 2000]), proved([5, 7], [1000, 2005])];
/** Off by at most 0.5 in the first output, by 5 in the second; the last sample has another winner in the first. */
const references = [
  [Float64Array.of(1, 2), Float64Array.of(1000, 2000)],
  [Float64Array.of(3.5, 4), Float64Array.of(1000, 2000)],
  [Float64Array.of(7.5, 7), Float64Array.of(1000, 2000)],
];
const real = [false, false];

test('each output is judged by its own range', () => {
  const accuracy = measure(identity, samples, references, {}, real);
  expect(accuracy).toMatchObject({ samples: 3, maxDelta: 5, agreement: 1, flips: 0 });
  expect(accuracy.relativeDelta).toBeCloseTo(2.5 / 6.5, 12);
  expect(accuracy.meanDelta).toBeCloseTo((0.5 + 1 + 2.5 + 5) / 12, 12);
});

test('the first target that can no longer be met ends the measurement', () => {
  const agreement = { output: 0, classes: 2, target: 0.7 };
  const until = (goal: Parameters<typeof measure>[3]) => measureUntilMissed(identity, samples, references, goal, real);
  expect(until({ agreement })).toBe('agreement');
  expect(until({ agreement: { ...agreement, target: 0.6 } })).toMatchObject({ agreement: 1 - 1 / 3 });
  expect(until({ maxError: 4.9 })).toBe('maxError');
  expect(until({ maxError: 0.9, agreement })).toBe('maxError');
  expect(until({ maxError: 5 })).toMatchObject({ maxDelta: 5 });
  expect(until({ closeness: 0.38 })).toBe('closeness');
  expect(until({ closeness: 0.39 })).toMatchObject({ maxDelta: 5 });
});

test('a reference that is no number is infinitely far from what is proved', () => {
  const broken = [[Float64Array.of(Number.NaN, 2), Float64Array.of(1000, 2000)], ...references.slice(1)];
  expect(measure(identity, samples, broken, {}, real).maxDelta).toBe(Number.POSITIVE_INFINITY);
  expect(measureUntilMissed(identity, samples, broken, { maxError: 1e9 }, real)).toBe('maxError');
});

test('integers agree or do not, whatever bound there is', () => {
  const accuracy = measureUntilMissed(identity, samples, references, { maxError: 1e-9 }, [true, true]);
  expect(accuracy).toMatchObject({ maxDelta: 0, flips: 4 / 12 });
});

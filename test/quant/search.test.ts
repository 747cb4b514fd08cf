import { expect, test } from 'vitest';
import { inputsOf } from '../../src/graph/graph.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { inputGrids } from '../../src/quant/calibrate.ts';
import type { Goal } from '../../src/quant/goal.ts';
import type { Reference } from '../../src/quant/measure.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { GoalMissedError, searchPrecision } from '../../src/quant/search.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

/** Publishes the difference and the sum of its inputs, halved. */
const model = encodeModel({
  inputs: [{ name: 'x', shape: [1, 2] }],
  outputs: ['y'],
  initializers: [{ name: 'w', shape: [2, 2], data: [0.5, 0.5, -0.5, 0.5] }],
  nodes: [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'] }],
});
const { graph } = importModel(decodeModel(model));
const points = Array.from({ length: 8 }, (_, i) => [Math.sin(i + 1), 0.5 + Math.cos(i) / 3]);
const samples: Sample[] = points.map((point) => new Map([[inputsOf(graph)[0].node.name, Float64Array.from(point)]]));
const right: Reference[] = points.map(([a, b]) => [Float64Array.of((a - b) / 2, (a + b) / 2)]);

function search(goal: Goal, references: readonly Reference[], budget?: number) {
  return searchPrecision(graph, {
    policy: { name: 'worst-case' },
    ...{ goal, heldOutGoal: goal, inputBits: 10, ...(budget === undefined ? {} : { budget }) },
    gridsAt: (bits) => inputGrids(graph, samples, bits, new Map()),
    ...{ samples, references, heldOut: samples, heldOutReferences: references },
  });
}

async function refusalOf(goal: Goal, references: readonly Reference[]): Promise<GoalMissedError> {
  const refusal = await search(goal, references).catch((error: unknown) => error);
  if (!(refusal instanceof GoalMissedError)) throw new Error(`expected a GoalMissedError, got ${refusal}`);
  return refusal;
}

const agreement = { output: 0, classes: 2, target: 1 };
/** The first two samples are of the other class. */
const swapped = right.map(([y], s) => [s < 2 ? Float64Array.from(y).reverse() : y]);

test('a miss by agreement alone says so, and advises the agreement that is in reach', async () => {
  const refusal = await refusalOf({ agreement, maxError: 100 }, swapped);
  expect(refusal.missed).toEqual(['agreement']);
  expect(refusal.message).toContain('within 100 with top-1 agreement of at least 1\n');
  expect(refusal.message).toContain('it misses agreement\n');
  expect(refusal.message).toContain('Allow an agreement of 0.75, give');
  expect(refusal.message).not.toContain('an error of');
  const { goalMet } = await search({ agreement: { ...agreement, target: 0.75 }, maxError: 100 }, swapped);
  expect(goalMet).toBe(true);
});

test('where no sample keeps its class, no agreement is advised', async () => {
  const refusal = await refusalOf(
    { agreement, maxError: 100 },
    right.map(([y]) => [Float64Array.from(y).reverse()]),
  );
  expect(refusal.message).toContain('No sample keeps its class');
  expect(refusal.message).not.toContain('Allow');
});

test('a reference that is no number is named, and no infinite error is advised', async () => {
  const broken = right.map(([y], s) => [s === 3 ? Float64Array.of(Number.NaN, y[1]) : y]);
  const refusal = await refusalOf({ maxError: 0.1 }, broken);
  expect(refusal.missed).toEqual(['maxError']);
  expect(refusal.message).toContain('the float model gives no finite number: leave these samples out');
  expect(refusal.message).not.toContain('Allow');
});

test('all targets that the nearest misses are named and advised, and what is advised holds', async () => {
  const goal = { agreement, closeness: 1e-12, maxError: 1e-12 };
  const refusal = await refusalOf(goal, swapped);
  expect(refusal.missed).toEqual(['agreement', 'closeness', 'maxError']);
  expect(refusal.message).toContain('within 1e-12 and within 1e-12 of its range with top-1 agreement of at least 1\n');
  expect(refusal.message).toContain('it misses agreement and closeness and the error\n');
  const [, target, closeness, maxError] =
    /Allow an agreement of (\S+) and a closeness of (\S+) and an error of (\S+), /.exec(refusal.message) ?? [];
  const advised = { agreement: { ...agreement, target: +target }, closeness: +closeness, maxError: +maxError };
  expect((await search(advised, swapped)).goalMet).toBe(true);
});

test('the point that is chosen is not among the refused, whatever it misses', async () => {
  const { goalMet, refused, decidedBy, frontier } = await search({ agreement }, swapped, 0);
  expect(frontier).toHaveLength(1);
  // Without a budget only the six uniform settings are tried, and the last is taken.
  expect({ goalMet, refused, decidedBy }).toEqual({
    goalMet: false,
    refused: { agreement: 5, closeness: 0, maxError: 0 },
    decidedBy: 'agreement',
  });
});

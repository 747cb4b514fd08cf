import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Inspection, InspectOptions } from '../../src/inspect/inspect.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import { createRandom } from '../../src/inspect/synthesise.ts';
import { NothingToBoundError } from '../../src/quant/goal.ts';
import { provedOutputs } from '../../src/quant/measure.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { GoalMissedError } from '../../src/quant/search.ts';
import { withTemporaryFolder } from '../../src/temporary.ts';
import { encodeModel, type TestModel } from '../fuzz/onnx-model.ts';
import { answers } from '../onnx/onnxruntime.ts';
import { fc } from '../property.ts';

const features = 6;
const hidden = 8;

/** Two dense layers with a nonlinear one between them: `outputs` scores, or one number. */
function network(seed: number, outputs: number, nonlinear: 'Relu' | 'Tanh'): TestModel {
  const random = createRandom(seed);
  const weights = (name: string, rows: number, columns: number) => {
    return { name, shape: [rows, columns], data: Array.from({ length: rows * columns }, () => random() * 2 - 1) };
  };
  return {
    inputs: [{ name: 'x', shape: [1, features] }],
    outputs: ['y'],
    initializers: [weights('w', features, hidden), weights('v', hidden, outputs)],
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w'], outputs: ['h'] },
      { op: nonlinear, inputs: ['h'], outputs: ['r'] },
      { op: 'Gemm', inputs: ['r', 'v'], outputs: ['y'] },
    ],
  };
}

function samplesOf(seed: number, count: number): Sample[] {
  const random = createRandom(seed);
  const draw = (): number => Math.fround(random() * 2 - 1);
  return Array.from({ length: count }, () => new Map([['x', Float64Array.from({ length: features }, draw)]]));
}

function search(model: TestModel, samples: readonly Sample[], options: InspectOptions): Promise<Inspection> {
  return withTemporaryFolder((folder) => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, encodeModel(model));
    return inspect(path, { ...options, samples: async () => samples });
  });
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Proved values against onnxruntime's, by nothing that the search uses to judge. */
async function compare(model: TestModel, samples: readonly Sample[], { result }: Inspection) {
  const inputs = samples.map((sample) => ({ x: [...(sample.get('x') ?? [])] }));
  const { expected } = await answers(model, inputs);
  let [maxDelta, agreed] = [0, 0];
  for (const [s, sample] of samples.entries()) {
    const [got] = provedOutputs(result.model.graph, sample);
    const want = expected[s].get('y') ?? [];
    for (const [i, v] of want.entries()) maxDelta = Math.max(maxDelta, Math.abs(got[i] - v));
    if (largest([...got]) === largest(want)) agreed++;
  }
  return { maxDelta, agreement: agreed / samples.length };
}

test('both targets hold against onnxruntime on the samples that were given, and the report says so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom('Relu' as const, 'Tanh' as const),
      fc.constantFrom(0.3, 0.03, 0.003, 0.0003),
      async (seed, nonlinear, maxError) => {
        const model = network(seed, 3, nonlinear);
        const samples = samplesOf(seed, 60);
        const inspection = await search(model, samples, { maxError });
        const { maxDelta, agreement } = await compare(model, samples, inspection);
        expect(maxDelta).toBeLessThanOrEqual(maxError);
        expect(agreement).toBeGreaterThanOrEqual(0.98);
        const { report } = inspection;
        expect(report).toMatchObject({ goalMet: true, goal: { maxError, agreement: { target: 0.995 } } });
        const { search: searched, heldOut } = report.accuracy;
        expect(Math.max(searched.maxDelta, heldOut.maxDelta)).toBeCloseTo(maxDelta, 10);
        expect(searched.samples * searched.agreement + heldOut.samples * heldOut.agreement).toBeCloseTo(60 * agreement);
      },
    ),
    { numRuns: 6 },
  );
}, 60_000);

test('a smaller error never costs less, and the same question has the same answer', async () => {
  for (const seed of [3, 4]) {
    const model = network(seed, 3, 'Relu');
    const samples = samplesOf(seed, 60);
    const costs: number[] = [];
    for (const maxError of [1, 0.1, 0.01, 0.001, 0.0001]) {
      costs.push((await search(model, samples, { maxError })).report.constraints);
    }
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    expect(costs[4]).toBeGreaterThan(costs[0]);
    const [once, twice] = [
      await search(model, samples, { maxError: 0.01 }),
      await search(model, samples, { maxError: 0.01 }),
    ];
    expect(once.report).toEqual({ ...twice.report, model: once.report.model });
  }
}, 60_000);

test('inputs get the bits that an error needs, unless they are given', async () => {
  const model = network(5, 1, 'Relu');
  const samples = samplesOf(5, 60);
  const { report } = await search(model, samples, { maxError: 1e-4 });
  expect(report.precision.inputBits).toBeGreaterThan(10);
  expect(report.inputs[0].bits).toBeGreaterThan(11);
  const coarse = search(model, samples, { maxError: 1e-4, inputBits: 8 });
  await expect(coarse).rejects.toThrow(GoalMissedError);
  await expect(coarse).rejects.toThrow(/at \d+ bits for weights, \d+ for activations, 8 for inputs/);
});

test('an error out of reach says what is in reach, and that is true', async () => {
  const model = network(6, 3, 'Tanh');
  const samples = samplesOf(6, 40);
  const refusal = await search(model, samples, { maxError: 1e-12 }).catch((error: unknown) => error);
  if (!(refusal instanceof GoalMissedError)) throw new Error(`expected a GoalMissedError, got ${refusal}`);
  expect(refusal.message).toContain('within 1e-12 with top-1 agreement of at least 0.995');
  expect(refusal.nearest.maxDelta).toBeGreaterThan(1e-12);
  expect(refusal.nearest.maxDelta).toBeLessThan(1e-3);
  const advised = Number(/Allow an error of ([-.\de]+),/.exec(refusal.message)?.[1]);
  expect(advised).toBeGreaterThanOrEqual(refusal.nearest.maxDelta);
  const { report } = await search(model, samples, { maxError: advised });
  expect(report.goalMet).toBe(true);
});

test('what decides is the target that refused the cheaper precisions', async () => {
  const model = network(7, 4, 'Relu');
  const samples = samplesOf(7, 80);
  const loose = await search(model, samples, { maxError: 1000 });
  expect(loose.report).toMatchObject({ decidedBy: 'agreement', refused: { maxError: 0, closeness: 0 } });
  const tight = await search(model, samples, { maxError: 1e-3 });
  expect(tight.report.decidedBy).toBe('maxError');
  const share = await search(model, samples, { closeness: 1e-3 });
  expect(share.report).toMatchObject({ decidedBy: 'closeness', goal: { agreement: { output: 0 }, closeness: 1e-3 } });
  expect(share.report.accuracy.heldOut.relativeDelta).toBeLessThanOrEqual(1e-3);
});

test('a model without classes is held to 1 % of its range, or to the error that is given instead', async () => {
  const model = network(8, 1, 'Tanh');
  const samples = samplesOf(8, 60);
  expect((await search(model, samples, {})).report.goal).toEqual({ closeness: 0.01 });
  expect((await search(model, samples, { maxError: 0.5 })).report.goal).toEqual({ maxError: 0.5 });
  const both = (await search(model, samples, { maxError: 0.5, closeness: 0.02 })).report;
  expect(both.goal).toEqual({ maxError: 0.5, closeness: 0.02 });
  expect(both.decidedBy).toBe('closeness');
});

test('an error bound for a model that only publishes a class is refused', async () => {
  const model = network(9, 3, 'Relu');
  const published = { outputs: new Map([['y', 'argmax' as const]]) };
  await expect(search(model, samplesOf(9, 20), { maxError: 0.1, visibility: published })).rejects.toThrow(
    NothingToBoundError,
  );
});

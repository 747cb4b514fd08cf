import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { floatDistance } from '../../src/cli/ezkl/float-distance.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-distance-'));
afterAll(() => rmSync(folder, { recursive: true }));
const directory = join(folder, 'm.vouch');
const onnx = writeTinyModel(join(folder, 'tiny.onnx'));
/** The model gives 0.75·(0.5 − 0.25/2), the stand-in always 5/16. */
const samples = [new Map([['x', Float64Array.of(0.5, 0.25)]])];

const backendOf = (changes: Parameters<typeof makeFakeEzkl>[0] = {}) =>
  createEzkl({ openTool: async () => makeFakeEzkl(changes) });

beforeAll(() => backendOf().compile({ onnx, directory }));

test('the distance is the largest of any output', async () => {
  const found = await floatDistance(backendOf(), { directory, onnx, samples }, {});
  expect(found.maxDelta).toBeCloseTo(0.3125 - 0.28125, 6);
  expect(found.lines).toEqual([expect.stringMatching(/^max \|Δ\| 0\.03125 against onnxruntime .* on 1 samples$/)]);
});

test('an output that is missing is infinitely far, not equal', async () => {
  const backend = backendOf({
    gen_witness: ({ output }) => {
      writeFileSync(output, JSON.stringify({ outputs: [] }));
      return true;
    },
  });
  const found = await floatDistance(backend, { directory, onnx, samples }, {});
  expect(found.maxDelta).toBe(Number.POSITIVE_INFINITY);
});

test('where nothing is compared, the report says so', async () => {
  const { lines } = await floatDistance(backendOf(), { directory, onnx, samples: [] }, {});
  expect(lines).toEqual(['not compared with the float model: no samples were given']);
});

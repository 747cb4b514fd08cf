import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { samplesFrom } from '../../src/inspect/samples.ts';
import { compile } from '../../src/pipeline/pipeline.ts';
import { recompile } from '../../src/pipeline/recompile.ts';
import { decodeRecipe, encodeRecipe } from '../../src/store/recipe.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-recompile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const tiny = writeTinyModel(join(folder, 'tiny.onnx'));
const noise = Array.from({ length: 20 }, (_, i) => new Map([['x', Float64Array.of(Math.sin(i), Math.cos(3 * i))]]));

test.each([
  ['synthesised samples', tiny, {}],
  [
    'calibrated ranges',
    tiny,
    { policy: { name: 'calibrated', margin: 1.25 }, samples: async () => noise, dims: { unused: 3 } },
  ],
  [
    'a grid per column, and trees',
    'models/credit-forest/model.onnx',
    samplesFrom('models/credit-forest/calibration.npz'),
  ],
] as const)('a recipe read back gives the same circuit: %s', async (_, path, options) => {
  const compiled = await compile(path, options);
  const recipe = decodeRecipe(encodeRecipe(compiled.recipe));
  expect(encodeRecipe(recipe)).toBe(encodeRecipe(compiled.recipe));
  expect(recipe.calibration === null).toBe(!('samples' in options));
  const again = recompile(path, recipe);
  expect(again.digests).toEqual(compiled.digests);
  expect(again.layout).toEqual(compiled.layout);
});

test('another precision, another model and a damaged recipe are noticed', async () => {
  const { recipe, digests } = await compile(tiny);
  const coarser = { ...recipe, precision: { ...recipe.precision, weightBits: recipe.precision.weightBits - 3 } };
  expect(recompile(tiny, { ...coarser, precision: { ...coarser.precision, nodes: new Map() } }).digests.r1cs).not.toBe(
    digests.r1cs,
  );
  expect(() => recompile('models/mnist-mlp/model.onnx', recipe)).toThrow('not made for this ONNX file');
  const text = encodeRecipe(recipe);
  const damage = (from: string | RegExp, to: string) => () => decodeRecipe(text.replace(from, to));
  expect(damage('vouch-recipe-1', 'vouch-recipe-0')).toThrow('none of vouch-recipe-1');
  expect(damage('"weightBits":', '"weightBits":-')).toThrow('is no count');
  expect(damage('"observed":[[', '"observed":[[1],[')).toThrow('expected 2');
  expect(damage('"dims":', '"extra":1,"dims":')).toThrow('unknown field "extra"');
});

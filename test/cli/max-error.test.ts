import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { recompile } from '../../src/pipeline/recompile.ts';
import { openModel } from '../../src/store/directory.ts';
import { decodeRecipe } from '../../src/store/recipe.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { smallNetwork } from '../small-network.ts';
import { type Run, runInProcess } from './in-process.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-max-error-'));
  writeFileSync(at('model.onnx'), encodeModel(smallNetwork));
});
afterAll(() => rmSync(folder, { recursive: true }));

const compile = (...args: string[]): Promise<Run> =>
  runInProcess([addCompile], 'compile', at('model.onnx'), '--bound', 'x=-3:3', '--quiet', ...args);

test('the report says what was asked, what was measured and what decided, and the recipe repeats it', async () => {
  const { code, stdout, stderr } = await compile('--max-error', '0.002', '-o', at('model.vouch'), '--json');
  expect(code, stderr).toBe(0);
  const { report } = JSON.parse(stdout);
  expect(report).toMatchObject({
    goal: { agreement: { target: 0.995 }, maxError: 0.002 },
    goalMet: true,
    decidedBy: 'maxError',
  });
  for (const { maxDelta, meanDelta, agreement } of [report.accuracy.search, report.accuracy.heldOut]) {
    expect(maxDelta).toBeLessThanOrEqual(0.002);
    expect(meanDelta).toBeLessThanOrEqual(maxDelta);
    expect(agreement).toBeGreaterThanOrEqual(0.995);
  }
  expect(report.precision.inputBits).toBeGreaterThan(10);
  expect(JSON.parse(readFileSync(at('model.vouch/report.json'), 'utf8'))).toEqual(report);
  const recipe = decodeRecipe(readFileSync(at('model.vouch/recipe.json'), 'utf8'));
  const [stored, repeated] = [await openModel(at('model.vouch')), recompile(at('model.onnx'), recipe)];
  expect(repeated.digests).toEqual(stored.digests);
});

test('a person reads the same', async () => {
  const { code, stdout } = await compile('--max-error', '0.002', '-o', at('text.vouch'));
  expect(code).toBe(0);
  expect(stdout).toContain('meets top-1 agreement ≥ 99.50 % and max |Δ| ≤ 0.002 on held-out samples');
  expect(stdout).toMatch(/decided by max \|Δ\|; cheaper settings refused: max \|Δ\| \d+/);
});

test('an error out of reach is exit code 2, says how near it comes, and leaves nothing behind', async () => {
  const before = readdirSync(folder);
  const args = ['--max-error', '1e-15', '-o', at('never.vouch')];
  const { code, stdout, stderr } = await compile(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('no precision that was tried keeps max |Δ| to the float model within 1e-15 with top-1');
  expect(stderr).toMatch(/nearest: max \|Δ\| [-.\de]+, agreement 1\n/);
  expect(stderr).toContain('it misses the error\n');
  expect(stderr).toMatch(/Allow an error of [-.\de]+, give inputs more bits/);
  const { error } = JSON.parse((await compile(...args, '--json')).stdout);
  expect(error).toMatchObject({ name: 'GoalMissedError' });
  expect(readdirSync(folder)).toEqual(before);
});

test('a closeness out of reach is named, and the error that was kept is not blamed', async () => {
  const { code, stderr } = await compile('--max-error', '100', '--closeness', '1e-9', '-o', at('never.vouch'));
  expect(code).toBe(2);
  expect(stderr).toContain('within 100 and within 1e-9 of its range with top-1 agreement of at least 0.995');
  expect(stderr).toContain('it misses closeness\n');
  expect(stderr).toMatch(/Allow a closeness of [-.\de]+, give inputs more bits/);
  expect(stderr).not.toContain('an error of');
});

test('with fewer than 8 samples nobody is told that any was held out', async () => {
  const rows = (count: number): string => {
    const path = at(`${count}.json`);
    writeFileSync(path, JSON.stringify({ x: Array.from({ length: count }, (_, i) => [i / 4 - 1, 1 - i / 8, i / 8]) }));
    return path;
  };
  const few = ['--calibrate', rows(7), '-o', at('few.vouch')];
  const { code, stdout, stderr } = await compile(...few);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('meets top-1 agreement ≥ 99.50 % on the samples, all of which the search saw; reference');
  expect(stdout).not.toMatch(/held.out/);
  const dataOf = async (...args: string[]) => JSON.parse((await compile(...args, '--json')).stdout).report.data;
  const again = ['--calibrate', rows(7), '-o', at('again.vouch')];
  expect(await dataOf(...again)).toMatchObject({ searchSamples: 7, heldOutSamples: 0 });
  const eight = ['--calibrate', rows(8), '-o', at('eight.vouch')];
  expect(await dataOf(...eight)).toMatchObject({ searchSamples: 6, heldOutSamples: 2 });
});

test.each(['0', '-0.1', 'Infinity', 'small', ' '])('--max-error %j is refused', async (value) => {
  const { code, stderr } = await compile('--max-error', value, '-o', at('never.vouch'));
  expect(code).toBe(2);
  expect(stderr).toContain('expected a positive number, in the unit of the outputs');
});

test('EZKL has no such option', async () => {
  const { code, stderr } = await compile('--max-error', '0.1', '--backend', 'ezkl', '-o', at('never.vouch'));
  expect(code).toBe(2);
  expect(stderr).toContain('no such option with ezkl');
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { machineName } from '../../bench/machine.ts';
import { renderBench } from '../../bench/render.ts';
import type { BenchResult } from '../../bench/result.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const positive = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 0);

test('a run on a tiny model leaves what the README promises, and the table shows it', { timeout: 240_000 }, () => {
  mkdirSync(join(folder, 'models', 'tiny'), { recursive: true });
  writeTinyModel(join(folder, 'models', 'tiny', 'model.onnx'));
  writeFileSync(join(folder, 'models', 'tiny', 'input.json'), JSON.stringify({ x: [[0.5, 0.25]] }));
  const [models, results] = ['models', 'results'].map((name) => join(folder, name));
  const command = [
    '--import',
    'tsx',
    'bench/run.ts',
    '--folder',
    models,
    '--results',
    results,
    '--repeat',
    '2',
    '--json',
  ];
  const result: BenchResult = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', stdio: 'pipe' }));
  const [file] = readdirSync(results);
  expect(file).toBe(`${result.date.slice(0, 10)}-${machineName(result.machine)}.json`);
  expect(JSON.parse(readFileSync(join(results, file), 'utf8'))).toEqual(result);
  const {
    machine,
    commit,
    models: [tiny],
  } = result;
  expect(machine).toMatchObject({ cores: positive, memoryBytes: positive, node: process.version });
  expect(machine.cpu).not.toBe('');
  expect(machine.load).toHaveLength(2);
  expect(commit.id).toMatch(/^[0-9a-f]{40}$|^unknown$/);
  expect(tiny).toMatchObject({ model: 'tiny', policy: 'worst-case' });
  const { sizes } = tiny;
  expect(Object.values(sizes).every((size) => size > 0)).toBe(true);
  expect(sizes.domain).toBeGreaterThanOrEqual(sizes.constraints);
  expect(tiny.stages.map(({ stage, runs, warm }) => [stage, runs, warm])).toEqual([
    ['compile', 1, false],
    ['emit', 2, false],
    ['setup', 1, false],
    ['witness', 2, true],
    ['check', 2, true],
    ['prove', 2, true],
    ['verify', 2, true],
  ]);
  for (const stage of tiny.stages)
    expect(stage).toMatchObject({ medianMs: positive, leastMs: positive, peakBytes: positive });
  expect(tiny.stages[5].kernel).toMatch(/^(native|snarkjs)-/);
  const table = renderBench(result);
  expect(table).toContain(`node ${process.version}`);
  for (const { stage } of tiny.stages) expect(table).toMatch(new RegExp(`\\b${stage}\\b`));
});

test('the name of a machine fits into a file name', () => {
  const machine = {
    cpu: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
    cores: 2,
    memoryBytes: 1,
    platform: '',
    node: '',
  };
  expect(machineName({ ...machine, load: [0, 0] })).toBe('intel-xeon-platinum-8481c-2-cores');
});

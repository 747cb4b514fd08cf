import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SmallModel, writeSmallModel } from './small-model.ts';

let folder = '';
let small: SmallModel;
let data = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-pool-cli-'));
  small = await writeSmallModel(folder);
  data = join(folder, 'batch.jsonl');
  const rows = [
    [0.5, 0, 0.25],
    [1e9, 0, 0],
    [0, 0.5, -0.5],
  ];
  writeFileSync(data, rows.map((x) => `${JSON.stringify({ x })}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));

function vouch(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('infer shows the float model beside the proved one; a refused sample is exit code 2', async () => {
  const out = join(folder, 'out.jsonl');
  const { code, stdout, stderr } = await vouch('infer', small.path, '-i', data, '-o', out, '--workers', '1', '--json');
  expect(stderr).toContain('infer');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ samples: 3, failed: 1, executor: 'thread', workers: 1, output: out });
  const rows = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(rows[1].error.name).toBe('InputRangeError');
  const deltas = [rows[0], rows[2]].map(({ outputs, float, maxDelta }) => {
    const distances = outputs.y.map((v: number, i: number) => Math.abs(v - float.y[i]));
    expect(maxDelta).toBe(Math.max(...distances));
    return maxDelta;
  });
  expect(JSON.parse(stdout).maxDelta).toBe(Math.max(...deltas));
});

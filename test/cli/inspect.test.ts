import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeModel } from '../fuzz/onnx-model.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function vouch(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const weights = { name: 'w', shape: [2, 2], data: [1, -2, 0.5, 3] };

test('the report is one JSON object, and nothing else is on standard output', async () => {
  const { code, stdout } = await vouch(
    'inspect',
    'models/mnist-mlp/model.onnx',
    '--calibrate',
    'models/mnist-mlp/calibration.npz',
    '--json',
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.constraints).toBeLessThanOrEqual(9800);
  expect(report.goalMet).toBe(true);
  expect(report.accuracy.heldOut.agreement).toBeGreaterThanOrEqual(0.995);
  expect(report.inputs).toMatchObject([{ name: 'pixels', bits: 8, boundsFrom: 'data' }]);
});

test('every unsupported node is listed at once, with exit code 2', async () => {
  const path = write(
    'unsupported.onnx',
    encodeModel({
      inputs: [{ name: 'x', shape: [1, 2] }],
      outputs: ['b', 'c'],
      nodes: [
        { op: 'NoSuchOperator', inputs: ['x'], outputs: ['a'] },
        { op: 'Relu', inputs: ['a'], outputs: ['b'] },
        { op: 'StringNormalizer', inputs: ['x'], outputs: ['c'] },
      ],
    }),
  );
  const { code, stdout, stderr } = await vouch('inspect', path);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('2 problems');
  expect(stderr).toContain('NoSuchOperator "n0"');
  expect(stderr).toContain('StringNormalizer "n2"');
  const { stdout: json } = await vouch('inspect', path, '--json');
  expect(JSON.parse(json).error.problems).toHaveLength(2);
});

test.each([
  ['garbage', () => write('garbage.onnx', 'this is not a model'), 'are not an ONNX model'],
  ['nothing', () => join(folder, 'missing.onnx'), 'cannot be read'],
  ['an empty file', () => write('empty.onnx', ''), 'holds no graph'],
])('%s is an error, not a crash', async (_what, make, message) => {
  const { code, stderr } = await vouch('inspect', make());
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('without data, inputs are synthesised within their bounds and the report says so', async () => {
  const path = write(
    'linear.onnx',
    encodeModel({
      inputs: [{ name: 'x', shape: [1, 2] }],
      outputs: ['y'],
      initializers: [weights],
      nodes: [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'] }],
    }),
  );
  const { code, stdout } = await vouch('inspect', path, '--bound', 'x=0:10', '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.data.source).toContain('synthesised');
  expect(report.inputs).toMatchObject([{ name: 'x', boundsFrom: 'option' }]);
  expect(report.inputs[0].hi).toBeGreaterThanOrEqual(10);
});

test('a malformed option says what was expected', async () => {
  const { code, stderr } = await vouch('inspect', 'models/mnist-mlp/model.onnx', '--bound', 'pixels=1');
  expect(code).toBe(2);
  expect(stderr).toContain('expected input=lo:hi');
});

test('nothing is left behind', () => {
  expect(readdirSync(folder).every((name) => name.endsWith('.onnx'))).toBe(true);
});

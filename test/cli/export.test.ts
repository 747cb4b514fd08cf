import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  circomInput,
  compile,
  emitCircom,
  openKeys,
  openModel,
  quantiseInputs,
  setup,
  verifierSource,
  writeKeys,
  writeModel,
} from '../../src/index.ts';
import { decodeR1cs } from '../../src/r1cs/file.ts';
import { compileCircom } from '../circom/compiler.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

let folder = '';
let model = '';
let modelId = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-export-'));
  model = join(folder, 'model.vouch');
  const path = join(folder, 'model.onnx');
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }];
  writeFileSync(path, encodeModel({ inputs: [{ name: 'x', shape: [1, 3] }], outputs: ['y'], nodes }));
  const compiled = await compile(path);
  await writeModel(model, compiled, compiled.report);
  const opened = await openModel(model);
  const keys = await setup(opened, { threads: 1 });
  modelId = (await writeKeys(opened, keys.zkey, keys.file)).keys?.modelId ?? '';
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

test('the second route runs from its files alone, on the same rows', async () => {
  const [program, input, r1cs] = ['model.circom', 'input.json', 'circuit.r1cs'].map((name) => join(folder, name));
  const sample = join(folder, 'sample.json');
  writeFileSync(sample, '{"x": [[0.5, -0.25, 1]]}');
  const runs = await Promise.all([
    vouch('export', model, '--circom', '-o', program, '--json'),
    vouch('export', model, '--circom', '-i', sample, '-o', input),
    vouch('export', model, '--r1cs', '-o', r1cs),
  ]);
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
  const { system } = (await openModel(model)).circuit;
  expect(JSON.parse(runs[0].stdout)).toEqual({ file: program, constraints: system.rows });
  expect(decodeR1cs(readFileSync(r1cs)).rows).toBe(system.rows);
  const compiled = compileCircom(readFileSync(program, 'utf8'));
  const witness = await compiled.solve(JSON.parse(readFileSync(input, 'utf8')));
  expect(witness.entries[0]).toBe(1);
});

test('a verifier is printed where no file is named', async () => {
  const { code, stdout } = await vouch('export', model, '--solidity', '--json');
  expect(code).toBe(0);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ modelId, trust: 'insecure-dev' });
  expect(answer.source).toContain(`bytes32 public constant modelId = ${modelId};`);
});

test('the library gives what the command writes', async () => {
  const opened = await openModel(model);
  const { quantised, ranges } = opened;
  expect(readFileSync(join(folder, 'model.circom'), 'utf8')).toBe(emitCircom(quantised, ranges));
  const sample = new Map([['x', Float64Array.of(0.5, -0.25, 1)]]);
  const signals = circomInput(quantised, ranges, quantiseInputs(quantised, sample));
  expect(JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8'))).toEqual(signals);
  const { file } = await openKeys(opened);
  expect(verifierSource(file)).toContain(`bytes32 public constant modelId = ${modelId};`);
});

test('options that do not go together are errors that say what to do', async () => {
  const cases = [
    [['--circom', '--solidity'], 'ExportError', 'export got --circom and --solidity'],
    [['--solidity', '-i', 'x.json'], 'ExportError', '--input got --solidity'],
    [['--calldata'], 'VouchError', `"${model}" cannot be read as a proof file`],
  ] as const;
  const runs = await Promise.all(cases.map(([options]) => vouch('export', model, ...options, '--json')));
  for (const [i, [, name, shortMessage]] of cases.entries()) {
    expect(runs[i].code).toBe(2);
    expect(JSON.parse(runs[i].stdout).error).toMatchObject({ name, shortMessage });
  }
});

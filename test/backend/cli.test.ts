import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { decodeEzklProofFile } from '../../src/backend/ezkl/proof-file.ts';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { addBackend } from '../../src/cli/commands/backend.ts';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { addExport } from '../../src/cli/commands/export.ts';
import { addInfer } from '../../src/cli/commands/infer.ts';
import { addProve } from '../../src/cli/commands/prove.ts';
import { addSetup } from '../../src/cli/commands/setup.ts';
import { addVerify } from '../../src/cli/commands/verify.ts';
import { encodeEzklCalldata } from '../../src/evm/ezkl/statement.ts';
import { runInProcess } from '../cli/in-process.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-backend-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const onnx = writeTinyModel(at('tiny.onnx'));
writeFileSync(at('input.json'), JSON.stringify({ x: [[0.5, 0.25]] }));
const [model, proof] = [at('model.vouch'), at('proof.json')];
const { PATH } = process.env;

const vouch = (...args: string[]) =>
  runInProcess(
    [addBackend, addCompile, addSetup, addInfer, addProve, addVerify, addExport],
    ...args,
    ...(args[0] === 'backend' ? [] : ['--quiet']),
  );

beforeAll(async () => {
  process.env.XDG_CACHE_HOME = at('setups');
  const backend = createEzkl({ openTool: async () => makeFakeEzkl() });
  await backend.compile({ onnx, directory: model });
  await backend.setup({ directory: model });
  await backend.prove({ directory: model, sample: new Map([['x', Float64Array.of(0.5, 0.25)]]), output: proof });
});

/** A machine without EZKL: nothing in the cache, and a PATH with no more than this. */
beforeEach(() => {
  process.env.XDG_CACHE_HOME = mkdtempSync(at('cache-'));
  process.env.PATH = ['/usr/bin', '/bin'].join(delimiter);
  return () => {
    process.env.PATH = PATH;
  };
});

test.each([
  ['compile', () => ['compile', onnx, '--backend', 'ezkl', '-o', at('new.vouch')]],
  ['setup', () => ['setup', model]],
  ['infer', () => ['infer', model, '-i', at('input.json')]],
  ['prove', () => ['prove', model, '-i', at('input.json'), '-o', at('new.json')]],
  ['verify', () => ['verify', proof, '-k', model]],
])('without EZKL, %s is one sentence and exit code 2', async (_, args) => {
  const before = readdirSync(folder);
  const { code, stdout, stderr } = await vouch(...args());
  expect(stderr).toBe('error: EZKL 23.0.5 is not installed; get it with: vouch backend install ezkl\n');
  expect(stdout).toBe('');
  expect(code).toBe(2);
  expect(readdirSync(folder)).toEqual(before);
});

test('without EZKL, --json is the same sentence', async () => {
  const { code, stdout } = await vouch('verify', proof, '-k', model, '--json');
  expect(JSON.parse(stdout).error).toMatchObject({ name: 'Backend.NoEzklError' });
  expect(code).toBe(2);
});

test('a cache that cannot be made is one sentence', async () => {
  process.env.XDG_CACHE_HOME = onnx;
  process.env.PATH = PATH;
  const { code, stderr } = await vouch('backend', 'install', 'ezkl', '--quiet');
  expect(stderr).toMatch(/^error: "\S+\/vouch" cannot be written\nENOTDIR/);
  expect(code).toBe(2);
});

test('the doctor says what is missing and how to get it', async () => {
  const { code, stdout } = await vouch('backend', 'doctor', '--json', '--quiet');
  expect(code).toBe(1);
  const { used, required, findings } = JSON.parse(stdout);
  expect([used, required]).toEqual([undefined, '23.0.5']);
  const parts = findings.map(({ part, status }: { part: string; status: string }) => [part, status]);
  expect(parts.slice(0, 2)).toEqual([
    ['binary', 'missing'],
    ['wheel', 'missing'],
  ]);
  const text = await vouch('backend', 'doctor', '--quiet');
  expect(text.stdout).toMatch(/^EZKL 23\.0\.5 cannot be used here\n/);
  expect(text.stdout).toContain('wheel: vouch backend install ezkl');
});

test.each([
  ['no Python', undefined, 'needs Python, and there is none on the PATH'],
  [
    'a Python that takes modules from the current folder unless it is told not to',
    '[ "$1" = -I ] && echo "isolated: $2 $3" >&2; exit 1',
    'isolated: -m venv',
  ],
  ['a Python without venv', 'echo "No module named venv" >&2; exit 1', 'apt install python3-venv'],
  [
    'a pip that finds another wheel',
    'if [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; else echo "THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1; fi',
    'DO NOT MATCH THE HASHES',
  ],
])('with %s, install is an error and leaves nothing', async (_, python, message) => {
  const bin = mkdtempSync(at('bin-'));
  for (const name of ['sh', 'mkdir', 'cp', 'echo', 'cat']) {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec /bin/${name} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  if (python !== undefined) {
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\n${python}\n`);
    chmodSync(join(bin, 'python3'), 0o755);
  }
  process.env.PATH = bin;
  const { code, stderr } = await vouch('backend', 'install', 'ezkl', '--quiet');
  expect(stderr).toContain(message);
  expect(code).toBe(2);
  const cache = join(process.env.XDG_CACHE_HOME ?? '', 'vouch');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
});

test.each([
  [['prove', model, '-i', at('input.json'), '-o', proof, '--binding', '0x1'], '--binding got "0x1"'],
  [['prove', model, '--batch', at('input.json'), '-o', at('many')], '--batch got'],
  [['verify', proof, '-k', model, '--expect-binding', '0x1'], '--expect-binding got "0x1"'],
  [['verify', proof, '-k', model, '--expect-model', '0x1'], '--expect-model got "0x1"'],
  [['setup', model, '--ptau', 'x.ptau'], '--ptau got "x.ptau"'],
  [['setup', model, '--srs', 'x', '--trust-srs', 'abc'], '--trust-srs got "abc"'],
  [['setup', model, '--trust-srs', '0'.repeat(64)], '--trust-srs got'],
  [['setup', model, '--backend', 'groth16'], 'was compiled with the backend ezkl, not groth16'],
  [['compile', onnx, '--backend', 'ezkl', '-o', at('x'), '--range', 'calibrated'], '--range got "calibrated"'],
  [['compile', onnx, '--backend', 'ezkl', '-o', at('x'), '--memory', '16'], '--memory got "16"'],
  [['compile', onnx, '-o', at('x'), '--target', 'accuracy'], '--target got "accuracy"'],
  [['compile', onnx, '-o', at('x'), '--memory', '4G'], '--memory got "4G"'],
  [['compile', onnx, '-o', at('x'), '--timeout', '60'], '--timeout got "60"'],
  [['export', model, '--circom'], 'has format "vouch-ezkl-model-1"'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await vouch(...args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
  expect(existsSync(at('x'))).toBe(false);
});

test('export gives the contract and the calldata of its adapter', async () => {
  const source = await vouch('export', model, '--solidity');
  expect(source.stdout).toBe(readFileSync(join(model, 'verifier.sol'), 'utf8').trimEnd().concat('\n'));
  const calldata = await vouch('export', proof, '--calldata', '--json');
  const { proof: bytes, instances } = decodeEzklProofFile(readFileSync(proof, 'utf8'));
  expect(JSON.parse(calldata.stdout)).toEqual({
    backend: 'ezkl',
    calldata: encodeEzklCalldata({ proof: bytes, signals: instances }),
  });
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { joinChunks } from '../../src/pipeline/pipeline.ts';
import { selfTest } from '../../src/pipeline/self-test.ts';
import { setup } from '../../src/pipeline/setup.ts';
import { openModel } from '../../src/store/directory.ts';
import { makePtau, snarkjsAccepts } from './ceremony-fixture.ts';
import { vouch, writeTinyModel } from './tiny-model.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const kernel = createSnarkjsKernel();
const folder = await mkdtemp(join(tmpdir(), 'vouch-setup-'));
const at = (name: string) => join(folder, name);
const model = at('tiny.vouch');

beforeAll(async () => {
  const compiled = await vouch('compile', writeTinyModel(at('tiny.onnx')), '-o', model);
  expect(compiled.code).toBe(0);
});
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true });
});

test('without a choice, development keys are made with a warning, and they have passed a self-test', async () => {
  const { code, stdout, stderr } = await vouch('setup', model, '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('warning: neither --ptau nor --insecure-dev was given');
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    trust: 'insecure-dev',
    selfTest: { status: 'passed', kernel: expect.stringMatching(/^(native|snarkjs)-/) },
  });
  expect(report.selfTest.elapsedMs).toBeGreaterThan(0);
  expect((await readdir(model)).sort()).toEqual(expect.arrayContaining(['proving.zkey', 'verification.json']));
});

test('a skipped self-test is never silent', async () => {
  const { stdout, stderr } = await vouch('setup', model, '--insecure-dev', '--no-self-test');
  expect(stderr).toContain('warning: the self-test is skipped');
  expect(stderr).not.toContain('neither');
  expect(stdout).toContain('self-test SKIPPED');
});

test('a key for another circuit fails the self-test, and what was there stays', async () => {
  const other = at('other.vouch');
  await vouch('compile', writeTinyModel(at('other.onnx'), 0.75), '-o', other);
  const [ours, theirs] = [await openModel(model), await openModel(other)];
  expect(theirs.circuit.system.wires).toBe(ours.circuit.system.wires);
  const keys = await setup(ours, { kernel });
  expect(keys.selfTest).toMatchObject({ status: 'passed' });
  const provingKey = joinChunks(keys.zkey);
  await expect(selfTest(theirs, keys.file, provingKey, { kernel })).rejects.toMatchObject({ name: 'SelfTestError' });
  const { file } = await setup(ours, { selfTest: 'skip' });
  await expect(selfTest(ours, file, provingKey, { kernel })).rejects.toThrow('failed its self-test');
});

test('Powers of Tau give the first round of a ceremony, which snarkjs accepts', async () => {
  const { prepared } = await makePtau(folder, 7);
  const both = await vouch('setup', model, '--ptau', prepared, '--insecure-dev');
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('no --insecure-dev beside it')]);
  const { code, stdout, stderr } = await vouch('setup', model, '--ptau', prepared, '--json', '--quiet');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ trust: 'insecure-dev', selfTest: { status: 'passed' } });
  await vouch('export', model, '--r1cs', '-o', at('circuit.r1cs'));
  expect(await snarkjsAccepts(at('circuit.r1cs'), prepared, join(model, 'proving.zkey'))).toBe(true);
  const status = await vouch('ceremony', 'status', join(model, 'proving.zkey'), '--json');
  expect(JSON.parse(status.stdout).contributions).toMatchObject([{ index: 1, name: 'vouch setup' }]);
  const manifest = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
  expect(manifest.keys.modelId).toBe(JSON.parse(stdout).modelId);
});

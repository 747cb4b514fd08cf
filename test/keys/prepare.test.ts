import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { addPrepare } from '../../src/cli/commands/prepare.ts';
import { addProve } from '../../src/cli/commands/prove.ts';
import { addSetup } from '../../src/cli/commands/setup.ts';
import { addVerify } from '../../src/cli/commands/verify.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { prepareModel } from '../../src/pipeline/prepare.ts';
import { openKeys, openModel } from '../../src/store/directory.ts';
import { runInProcess } from '../cli/in-process.ts';
import { addon, reason } from '../kernel/native.ts';
import { writeTinyModel } from './tiny-model.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const folder = await mkdtemp(join(tmpdir(), 'vouch-prepare-'));
const at = (name: string) => join(folder, name);
const model = at('tiny.vouch');
const prepared = join(model, 'proving.prepared');
/** Where they stand in a prepared key. */
const [DELTA1, DELTA2] = [128 + 2 * 64, 128 + 3 * 64 + 128];
afterAll(() => rm(folder, { recursive: true }));

const commands = [addCompile, addSetup, addPrepare, addProve, addVerify];
const vouch = (...args: string[]) => runInProcess(commands, ...args);
const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await vouch(...args, '--json');
  return { code, stderr, report: JSON.parse(stdout) };
};
const prove = (...options: string[]) => run('prove', model, '-i', at('input.json'), '-o', at('proof.json'), ...options);

beforeAll(async () => {
  if (addon === undefined) return;
  await writeFile(at('input.json'), '{"x":[0.5,0.25]}');
  expect((await vouch('compile', writeTinyModel(at('tiny.onnx')), '-o', model)).code).toBe(0);
  expect((await vouch('setup', model, '--insecure-dev')).code).toBe(0);
});

test.skipIf(addon === undefined)(`a prepared key is made, told of, refused and removed ${reason}`, async () => {
  const { code, report } = await run('prepare', model);
  expect(code).toBe(0);
  expect(report).toMatchObject({ prepared, selfTest: { status: 'passed' } });

  const proved = await prove();
  expect(proved.report.kernel).toMatch(/^native-\w+, prepared key$/);
  expect((await vouch('verify', at('proof.json'), '--key', model)).code).toBe(0);
  const other = await prove('--kernel', 'wasm');
  expect(other.report.kernel).toMatch(/^wasm-\w+$/);

  const right = await readFile(prepared);
  const changed = Buffer.from(right);
  changed[changed.length >> 1] ^= 1;
  for (const wrong of [changed, right.subarray(0, 100), Buffer.from('nothing of the kind')]) {
    await writeFile(prepared, wrong);
    const { code, report } = await prove();
    expect(code).not.toBe(0);
    expect(report.error).toMatchObject({ name: 'Store.PreparedKeyError' });
    expect(report.error.message).toContain('vouch prepare');
  }
  await rm(prepared);
  expect((await prove()).report.error.name).toBe('Store.PreparedKeyError');

  expect((await vouch('prepare', model, '--remove')).code).toBe(0);
  expect((await prove()).report.kernel).toMatch(/^native-\w+$/);
});

test.skipIf(addon === undefined)(
  `a prepared key of another key is refused, and new keys remove it ${reason}`,
  async () => {
    expect((await run('prepare', model)).code).toBe(0);
    await copyFile(prepared, at('old.prepared'));
    expect((await vouch('setup', model, '--insecure-dev', '--no-self-test')).code).toBe(0);
    expect((await prove()).report.kernel).toMatch(/^native-\w+$/);
    await copyFile(at('old.prepared'), prepared);
    await expect(openKeys(await openModel(model), {})).rejects.toThrow('made from another proving key');
    expect((await run('prepare', model)).code).toBe(0);
    expect((await prove()).report.kernel).toContain('prepared key');
  },
);

test.skipIf(addon === undefined)('one that would not blind is refused, whatever the manifest says of it', async () => {
  expect((await run('prepare', model)).code).toBe(0);
  const [right, manifest] = [await readFile(prepared), await readFile(join(model, 'manifest.json'), 'utf8')];
  const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  for (const at of [DELTA1, DELTA2]) {
    const wrong = Buffer.from(right).fill(0, at, at + 64);
    await writeFile(prepared, wrong);
    await writeFile(join(model, 'manifest.json'), manifest.replace(digestOf(right), digestOf(wrong)));
    expect((await prove()).report.error).toMatchObject({ name: 'Store.PreparedKeyError' });
  }
  await writeFile(prepared, right);
  await writeFile(join(model, 'manifest.json'), manifest);
  expect((await prove()).code).toBe(0);
});

test.skipIf(addon === undefined)('a kernel that prepares no keys is named', async () => {
  const kernel = createSnarkjsKernel();
  await expect(prepareModel(await openModel(model), { kernel })).rejects.toThrow('snarkjs');
});

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { blake2bOfFile } from '../../src/keys/ceremony/digest.ts';
import { makePtau } from '../keys/ceremony-fixture.ts';
import { MAIN, vouch, writeTinyModel } from '../keys/tiny-model.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });
const folder = mkdtempSync(join(tmpdir(), 'vouch-full-'));
const at = (name: string) => join(folder, name);
const [disk, onnx, r1cs] = [at('disk'), at('tiny.onnx'), at('circuit.r1cs')];
/** A disk of our own needs a user namespace, which some systems refuse. */
const mount = `mkdir -p ${disk} && mount -t tmpfs -o size=8k none ${disk}`;
const refused = spawnSync('unshare', ['-rm', 'sh', '-c', mount]).status !== 0;
let ptau: readonly string[];

beforeAll(async () => {
  mkdirSync(disk, { recursive: true });
  const { prepared } = await makePtau(folder, 7);
  ptau = ['--ptau', prepared, '--trust-ptau', await blake2bOfFile(prepared)];
  await vouch('compile', writeTinyModel(onnx), '-o', at('tiny.vouch'));
  await vouch('export', at('tiny.vouch'), '--r1cs', '-o', r1cs);
  await vouch('ceremony', 'start', r1cs, ...ptau, '-o', at('round0.zkey'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command with the small disk mounted and lists what it leaves there. */
function onSmallDisk(...args: string[]): Promise<{ code: number; text: string }> {
  const script = `${mount} && "$@"; code=$?; ls -A ${disk}; exit $code`;
  const command = [process.execPath, ...MAIN, ...args, '--quiet'];
  return new Promise((resolve) => {
    execFile('unshare', ['-rm', 'sh', '-c', script, 'sh', ...command], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: `${stdout}${stderr}` });
    });
  });
}

test.skipIf(refused).each([
  ['compile', () => ['compile', 'models/credit-mlp/model.onnx', '-o', join(disk, 'model.vouch')]],
  ['ceremony start', () => ['ceremony', 'start', r1cs, ...ptau, '-o', join(disk, 'round0.zkey')]],
  [
    'ceremony contribute',
    () => ['ceremony', 'contribute', at('round0.zkey'), '-o', join(disk, 'r.zkey'), '--name', 'Ada'],
  ],
] as const)('on a full disk, %s says so and leaves nothing', async (_, args) => {
  const { code, text } = await onSmallDisk(...args());
  expect(text).toMatch(/^error: "\S+" cannot be written: there is no room for it\n/);
  expect(code).toBe(2);
});

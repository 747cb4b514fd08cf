import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { KeyFileError } from '../../src/kernel/key-file.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { addon, reason, variants } from './native.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-key-file-'));
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(process.platform === 'win32')(
  'a pipe, a folder or a device in place of a key is refused at once',
  async () => {
    const loaded = loadWasmCode('simd');
    if ('reason' in loaded) return expect.unreachable(loaded.reason);
    const pipe = join(folder, 'pipe.zkey');
    execFileSync('mkfifo', [pipe]);
    const wasm = createWasmKernel(loaded.code, { threads: 1 });
    const kernels = addon === undefined ? [wasm] : [wasm, createNativeKernel(addon, { threads: 1 })];
    const witness = encodeWtns(vectorOf([toScalar(1)]));
    for (const kernel of kernels) {
      for (const provingKey of [pipe, folder, '/dev/zero']) {
        await expect(kernel.prove({ provingKey, witness })).rejects.toThrow(KeyFileError);
      }
      await kernel.close();
    }
  },
);

describe.skipIf(addon === undefined)(`mapped files ${reason}`, () => {
  const path = join(folder, 'mapped.zkey');
  const open = (control = new Uint32Array(2)) => addon?.openKey(variants[0], 1, path, '', control);

  test('a file is not read before it is known to be a key, however long it is', async () => {
    await writeFile(path, new Uint8Array(64));
    await truncate(path, 200 * 2 ** 30);
    const before = process.memoryUsage.rss();
    expect(await open()).toBe(17);
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 28);
  });

  test('what the system refuses comes back as its error', async () => {
    await truncate(path, 2 ** 40);
    expect(await open()).toBe(-constants.errno.EFBIG);
    await truncate(path, 0);
    expect(await open()).toBe(-constants.errno.EINVAL);
    await rm(path);
    expect(await open()).toBe(-constants.errno.ENOENT);
    execFileSync('mkfifo', [path]);
    expect(await open()).toBe(-constants.errno.ESPIPE);
  });

  test('a call that is cancelled before it begins ends with that status', async () => {
    expect(await open(Uint32Array.of(1, 0))).toBe(2);
  });
});

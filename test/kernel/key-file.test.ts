import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { KeyFileError } from '../../src/kernel/key-file.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { addon } from './native.ts';

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

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeFileAtomically } from '../src/write-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-write-'));
afterAll(() => rm(folder, { recursive: true }));

test('a failing source leaves the old file and nothing else', async () => {
  const path = join(folder, 'file');
  await writeFileAtomically(path, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  function* failing() {
    yield Uint8Array.of(9);
    throw new Error('source broke');
  }
  await expect(writeFileAtomically(path, failing())).rejects.toThrow('source broke');
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(folder)).toEqual(['file']);
});

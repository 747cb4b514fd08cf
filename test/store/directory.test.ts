import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { compile, modelFile } from '../../src/pipeline/pipeline.ts';
import {
  type OpenedModel,
  openKeys,
  openModel,
  removePrepared,
  writeKeys,
  writeModel,
  writePrepared,
} from '../../src/store/directory.ts';
import type { ModelFile } from '../../src/verify/model-file.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-store-'));
const at = (name: string) => join(folder, name);
afterAll(() => rm(folder, { recursive: true }));

interface Keys {
  readonly zkey: readonly Uint8Array[];
  readonly file: ModelFile;
}

const ours = await compile(writeTinyModel(at('tiny.onnx')));
const theirs = await compile(writeTinyModel(at('other.onnx'), 0.75));
const changed = { name: 'Store.DirectoryChangedError' };
const prepared = [Uint8Array.of(1, 2, 3)];
let first: Keys;
let second: Keys;

async function makeKeys(): Promise<Keys> {
  const { zkey, verifyingKey } = await createDevelopmentKey(ours.circuit.system);
  return { zkey, file: modelFile(ours, verifyingKey, 'insecure-dev') };
}

beforeAll(async () => {
  [first, second] = [await makeKeys(), await makeKeys()];
});

/** A directory with the first keys, opened. */
async function withKeys(name: string): Promise<OpenedModel> {
  await writeModel(at(name), ours, ours.report);
  await writeKeys(await openModel(at(name)), first.zkey, first.file);
  return openModel(at(name));
}

async function contents(path: string): Promise<Map<string, string>> {
  const names = (await readdir(path)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(path, name), 'hex')] as const)),
  );
}

test('a prepared key is not added to keys that came meanwhile, nor removed from them', async () => {
  const stale = await withKeys('rekeyed');
  await writeKeys(stale, second.zkey, second.file);
  const before = await contents(stale.path);
  await expect(writePrepared(stale, prepared)).rejects.toMatchObject(changed);
  await expect(removePrepared(stale)).rejects.toMatchObject(changed);
  expect(await contents(stale.path)).toEqual(before);
  expect((await openKeys(await openModel(stale.path))).file).toEqual(second.file);

  await writePrepared(await openModel(stale.path), prepared);
  await expect(removePrepared(stale)).rejects.toMatchObject(changed);
  expect(existsSync(join(stale.path, 'proving.prepared'))).toBe(true);
});

test('of two that prepare or remove a prepared key of the same keys, the last one stays', async () => {
  const opened = await withKeys('prepared');
  for (const times of [1, 2]) {
    await writePrepared(opened, [Uint8Array.of(times)]);
    expect([...(await readFile(join(opened.path, 'proving.prepared')))]).toEqual([times]);
  }
  for (const _ of [1, 2]) {
    await removePrepared(opened);
    expect((await openModel(opened.path)).manifest).toEqual(opened.manifest);
    expect(existsSync(join(opened.path, 'proving.prepared'))).toBe(false);
  }
});

test('keys are not added to what was compiled anew meanwhile', async () => {
  const stale = await withKeys('recompiled');
  await writeModel(stale.path, theirs, theirs.report);
  const before = await contents(stale.path);
  await expect(writeKeys(stale, second.zkey, second.file)).rejects.toMatchObject(changed);
  expect(await contents(stale.path)).toEqual(before);
  await rm(join(stale.path, 'manifest.json'));
  before.delete('manifest.json');
  await expect(writeKeys(stale, second.zkey, second.file)).rejects.toMatchObject(changed);
  expect(await contents(stale.path)).toEqual(before);
});

test('of two that add keys to one compilation the last one stays, as a whole', async () => {
  const stale = await withKeys('twice');
  await writePrepared(stale, prepared);
  await writeKeys(stale, second.zkey, second.file, 'a transcript');
  expect(existsSync(join(stale.path, 'proving.prepared'))).toBe(false);
  await writeKeys(stale, first.zkey, first.file);
  const opened = await openModel(stale.path);
  expect(opened.manifest).toEqual(stale.manifest);
  expect((await openKeys(opened)).file).toEqual(first.file);
});

test('a prepared key that cannot be removed leaves the keys as they were', async () => {
  const opened = await withKeys('blocked');
  await mkdir(join(opened.path, 'proving.prepared'));
  const writing = writeKeys(opened, second.zkey, second.file);
  await expect(writing).rejects.toMatchObject({ name: 'UnwritableFileError' });
  expect((await openModel(opened.path)).manifest).toEqual(opened.manifest);
});

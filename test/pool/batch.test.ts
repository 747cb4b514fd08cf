import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkProof, createPool, decodeProofFile, type Pool } from '../../src/index.ts';
import { type BatchProgress, proofPath, proveBatch } from '../../src/pool/batch.ts';
import { JOURNAL_NAME } from '../../src/pool/journal.ts';
import { type SmallModel, smallSamples, writeSmallModel } from './small-model.ts';

const samples = smallSamples(5);
let root = '';
let folder = '';
let small: SmallModel;
let pool: Pool;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vouch-batch-'));
  folder = join(root, 'proofs');
  small = await writeSmallModel(root);
  pool = await createPool(small.path, { workers: 1 });
});
afterAll(async () => {
  await pool.close();
  rmSync(root, { recursive: true });
});

/** Proofs are blinded, so one that was made again has other bytes. */
const contents = (): Map<string, string> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.startsWith('proof-'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

test('a batch that is interrupted continues, and proves nothing twice', async () => {
  const controller = new AbortController();
  const interrupted = proveBatch(pool, samples, folder, {
    signal: controller.signal,
    onProgress: ({ proved }) => {
      if (proved === 2) controller.abort(new Error('interrupted'));
    },
  });
  await expect(interrupted).rejects.toThrow('interrupted');
  const before = contents();
  expect(before.size).toBeGreaterThanOrEqual(2);
  expect(before.size).toBeLessThan(5);
  const seen: BatchProgress[] = [];
  const result = await proveBatch(pool, samples, folder, { onProgress: (progress) => seen.push(progress) });
  expect(result).toMatchObject({ total: 5, kept: before.size, proved: 5 - before.size, failed: 0, failures: [] });
  expect(seen[0]).toEqual({ total: 5, kept: before.size, proved: 0, failed: 0 });
  for (const [name, text] of before) expect(contents().get(name)).toBe(text);
  for (const [i, sample] of samples.entries()) {
    const verdict = checkProof(decodeProofFile(readFileSync(proofPath(folder, i), 'utf8')), small.file);
    const { outputs } = await pool.infer(sample);
    expect(verdict).toMatchObject({ valid: true, outputs: [{ values: [...(outputs.get('y') ?? [])] }] });
  }
  expect(await proveBatch(pool, samples, folder)).toMatchObject({ kept: 5, proved: 0 });
});

test('only what still fits is kept: the same bytes, sample and binding', async () => {
  const before = contents();
  const path = proofPath(folder, 1);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"kernel": "', '"kernel": "x'));
  rmSync(proofPath(folder, 2));
  const changed = samples.map((sample, i) => (i === 3 ? new Map([['x', Float64Array.of(0.125, 0, 0)]]) : sample));
  expect(await proveBatch(pool, changed, folder)).toMatchObject({ kept: 2, proved: 3 });
  const after = contents();
  const same = [0, 1, 2, 3, 4].map((i) => {
    const name = `proof-00000${i}.json`;
    return before.get(name) === after.get(name);
  });
  expect(same).toEqual([true, false, false, false, true]);
  expect(await proveBatch(pool, changed.slice(0, 1), folder, { binding: 7n })).toMatchObject({ kept: 0, proved: 1 });
});

test('a line that was being written counts for nothing, another model is refused', async () => {
  const path = join(folder, JOURNAL_NAME);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await proveBatch(pool, samples.slice(0, 2), folder);
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
  expect(await proveBatch(pool, samples.slice(0, 2), folder)).toMatchObject({ kept: 1, proved: 1 });
  const otherId = (_: string, digit: string) => `"modelId":"0x${digit === '0' ? '1' : '0'}`;
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"modelId":"0x([0-9a-f])/, otherId));
  await expect(proveBatch(pool, samples, folder)).rejects.toThrow('another model');
});

test('a sample that cannot be proved is named, the others are proved', async () => {
  const bad = [new Map([['x', Float64Array.of(1e9, 0, 0)]]), samples[0]];
  const result = await proveBatch(pool, bad, join(root, 'partly'));
  expect(result).toMatchObject({ proved: 1, failed: 1, failures: [{ index: 0, error: { name: 'InputRangeError' } }] });
});

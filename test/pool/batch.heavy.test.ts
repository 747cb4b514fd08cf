import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkProof, createPool, decodeProofFile } from '../../src/index.ts';
import { proofPath, proveBatch } from '../../src/pool/batch.ts';
import { decodeOpeningFile } from '../../src/verify/opening.ts';
import { smallSamples, writeSmallModel } from './small-model.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vouch-batches-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function vouch(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('openings lie beside the proofs of a model that hashes, and are missed', async () => {
  const hashing = join(root, 'hashing');
  const samples = smallSamples(2);
  const proofs = join(hashing, 'proofs');
  mkdirSync(hashing);
  const { path, file } = await writeSmallModel(hashing, { inputs: new Map([['x', 'hashed']]) });
  const hashed = await createPool(path, { workers: 1 });
  try {
    expect(await proveBatch(hashed, samples, proofs)).toMatchObject({ kept: 0, proved: 2 });
    const opening = join(proofs, 'proof-000001.opening.json');
    expect(statSync(opening).mode & 0o777).toBe(0o600);
    const [tensor] = decodeOpeningFile(readFileSync(opening, 'utf8')).tensors;
    const proof = decodeProofFile(readFileSync(proofPath(proofs, 1), 'utf8'));
    expect(proof.inputs).toEqual([{ name: 'x', visibility: 'hashed', commitment: tensor.commitment }]);
    expect(checkProof(proof, file).valid).toBe(true);
    rmSync(opening);
    expect(await proveBatch(hashed, samples, proofs)).toMatchObject({ kept: 1, proved: 1 });
  } finally {
    await hashed.close();
  }
});

test('prove --batch fills a folder and continues it', async () => {
  const small = await writeSmallModel(root);
  const data = join(root, 'batch.jsonl');
  const rows = [
    [0.5, 0, 0.25],
    [1e9, 0, 0],
    [0, 0.5, -0.5],
  ];
  writeFileSync(data, rows.map((x) => `${JSON.stringify({ x })}\n`).join(''));
  const proofs = join(root, 'proofs');
  const first = await vouch('prove', small.path, '--batch', data, '-o', proofs, '--quiet');
  expect(first).toMatchObject({ code: 2, stderr: '' });
  expect(first.stdout).toContain('2 of 3 samples proved');
  expect(first.stdout).toContain('sample 1: input "x"[0] = 1000000000 is outside');
  expect(readdirSync(proofs).sort()).toEqual(['batch.jsonl', 'proof-000000.json', 'proof-000002.json']);
  const again = await vouch('prove', small.path, '--batch', data, '-o', proofs, '--json', '--quiet');
  expect(again).toMatchObject({ code: 2, stderr: '' });
  expect(JSON.parse(again.stdout)).toMatchObject({ kept: 2, proved: 0, failed: 1, executor: 'process' });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkProof,
  compile,
  createSnarkjsKernel,
  decodeProofFile,
  encodeProofFile,
  infer,
  openKeys,
  openModel,
  type ProofFile,
  prove,
  setup,
  writeKeys,
  writeModel,
} from '../../src/index.ts';
import type { ModelFile } from '../../src/verify/model-file.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { smallNetwork } from '../small-network.ts';

let folder = '';
let proof: ProofFile;
let file: ModelFile;

const input = new Map([['x', Float64Array.of(0.5, -0.25, 0.75)]]);

/** A small network, compiled, stored, opened again, keyed and proved: what the tests below look at. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-pipeline-'));
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(smallNetwork));
  const compiled = await compile(path);
  await writeModel(join(folder, 'model.vouch'), compiled, compiled.report);
  const model = await openModel(join(folder, 'model.vouch'));
  const keys = await setup(model, { threads: 1 });
  await writeKeys(model, keys.zkey, keys.file);
  const opened = await openModel(join(folder, 'model.vouch'));
  const stored = await openKeys(opened);
  file = stored.file;
  const kernel = createSnarkjsKernel();
  const options = { kernel, provingKey: stored.provingKey, binding: 77n };
  ({ proof } = await prove(opened, file, infer(opened, input), options).finally(() => kernel.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a stored model proves what it infers', async () => {
  const model = await openModel(join(folder, 'model.vouch'));
  const verdict = checkProof(decodeProofFile(encodeProofFile(proof)), file);
  expect(verdict).toMatchObject({ valid: true, reasons: [], trust: 'insecure-dev' });
  expect(verdict.outputs).toMatchObject([{ values: [...(infer(model, input).outputs.get('y') ?? [])] }]);
});

test('compiling twice gives the same circuit', async () => {
  const [first, second] = [await compile(join(folder, 'model.onnx')), await compile(join(folder, 'model.onnx'))];
  expect(first.digests).toEqual(second.digests);
});

describe('a proof file is false when', () => {
  const [output] = [0];
  const lies: readonly [string, (honest: ProofFile) => ProofFile][] = [
    [
      'it displays another value',
      (p) => ({
        ...p,
        outputs: p.outputs.map((o) => ('values' in o ? { ...o, values: o.values.map((v) => v + 1) } : o)),
      }),
    ],
    [
      'it displays another integer',
      (p) => ({
        ...p,
        outputs: p.outputs.map((o) => ('values' in o ? { ...o, integers: o.integers.map((v) => v + 1n) } : o)),
      }),
    ],
    ['it displays another scale', (p) => ({ ...p, layout: { ...p.layout, format: 'other' } })],
    ['it names another model', (p) => ({ ...p, modelId: `0x${'11'.repeat(32)}` })],
    ['it claims a ceremony', (p) => ({ ...p, trust: 'ceremony' })],
    ['it displays another binding', (p) => ({ ...p, binding: `0x${'00'.repeat(32)}` })],
    ['its points are swapped', (p) => ({ ...p, proof: { ...p.proof, a: p.proof.c, c: p.proof.a } })],
    ['a signal is missing', (p) => ({ ...p, publicSignals: p.publicSignals.slice(1) })],
    [
      'a signal is another',
      (p) => ({ ...p, publicSignals: p.publicSignals.map((s, i) => (i === output ? p.publicSignals[1] : s)) }),
    ],
  ];
  test.each(lies)('%s', (_what, lie) => {
    const verdict = checkProof(lie(proof), file);
    expect(verdict.valid).toBe(false);
    expect(verdict.reasons.length).toBeGreaterThan(0);
  });

  test('it is bound to something else than expected', () => {
    expect(checkProof(proof, file, { binding: `0x${'22'.repeat(32)}` }).valid).toBe(false);
    expect(checkProof(proof, file, { binding: proof.binding, modelId: proof.modelId }).valid).toBe(true);
  });
});

test('what nobody pinned is said', () => {
  const { unpinned } = checkProof(proof, file);
  expect(unpinned).toHaveLength(3);
  expect(checkProof(proof, file, { binding: proof.binding, modelId: proof.modelId }).unpinned).toHaveLength(1);
});

test('a verification file that contradicts itself is an error', () => {
  const other = { ...file, layout: { ...file.layout, inputs: [] } };
  expect(() => checkProof(proof, other)).toThrow('another layout');
});

test('a damaged directory is refused, and the file is named', async () => {
  const path = join(folder, 'model.vouch', 'quantised.bin');
  const bytes = readFileSync(path);
  const damaged = Uint8Array.from(bytes);
  damaged[damaged.length - 1] ^= 1;
  writeFileSync(path, damaged);
  await expect(openModel(join(folder, 'model.vouch'))).rejects.toThrow('quantised.bin');
  writeFileSync(path, bytes);
});

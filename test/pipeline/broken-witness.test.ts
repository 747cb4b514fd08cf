import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { compile, joinChunks } from '../../src/pipeline/pipeline.ts';
import { infer, prove, solveWitness } from '../../src/pipeline/prove.ts';
import { setup } from '../../src/pipeline/setup.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-broken-'));
const kernel = createSnarkjsKernel();
afterAll(async () => {
  await kernel.close();
  rmSync(folder, { recursive: true });
});

test('an inference that breaks a constraint is never proved, and the node is named', async () => {
  const model = await compile(writeTinyModel(join(folder, 'tiny.onnx')));
  const { zkey, file } = await setup(model, { selfTest: 'skip' });
  const honest = infer(model, new Map([['x', Float64Array.of(0.5, 0.25)]]));
  const last = honest.values.length - 1;
  const lie = { ...honest, values: honest.values.map((v, i) => (i === last ? v.map((x) => x + 1) : v)) };
  const options = { kernel, provingKey: joinChunks(zkey) };
  expect(() => solveWitness(model, lie)).toThrow(/Constraint \d+ of .* does not hold/);
  await expect(prove(model, file, lie, options)).rejects.toThrow(/Constraint \d+ of .* does not hold/);
  const other = await setup(model, { selfTest: 'skip' });
  await expect(prove(model, other.file, honest, options)).rejects.toThrow('does not verify');
  expect((await prove(model, file, honest, options)).proof.publicSignals).toHaveLength(2);
});

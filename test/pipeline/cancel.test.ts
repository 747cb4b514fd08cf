import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseKernel, compile, infer, joinChunks, prove, setup } from '../../src/index.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

let folder = '';
let path = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-cancel-'));
  path = join(folder, 'model.onnx');
  const weights = { name: 'w', shape: [3, 4], data: Array.from({ length: 12 }, (_, i) => Math.sin(i)) };
  writeFileSync(
    path,
    encodeModel({
      inputs: [{ name: 'x', shape: [1, 3] }],
      outputs: ['y'],
      initializers: [weights],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] },
        { op: 'Relu', inputs: ['h'], outputs: ['y'] },
      ],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a compilation ends at its next step, with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let steps = 0;
  const onProgress = (stage: string): void => {
    if (stage !== 'search' || ++steps < 2) return;
    expect(steps).toBe(2);
    setImmediate(() => controller.abort(reason));
  };
  await expect(compile(path, { signal: controller.signal, onProgress })).rejects.toBe(reason);
});

test('a proof that nobody wants any more is not made', async () => {
  const model = await compile(path);
  const { zkey, file } = await setup(model, { selfTest: 'skip' });
  const { kernel } = chooseKernel();
  const options = { kernel, provingKey: joinChunks(zkey), signal: AbortSignal.abort(new Error('too late')) };
  const inference = infer(model, new Map([['x', Float64Array.of(0.5, -0.25, 0.75)]]));
  await expect(prove(model, file, inference, options).finally(() => kernel.close())).rejects.toThrow('too late');
});

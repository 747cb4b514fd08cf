import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile, createPool, type Pool, type Sample, writeModel } from '../../src/index.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

const inputs = 784;
const hidden = 320;
let folder = '';
let path = '';
let onnx = '';
/** As many multiplications as LeNet-5: 254,000. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-load-'));
  onnx = join(folder, 'model.onnx');
  path = join(folder, 'model.vouch');
  const weights = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898) * 0.1);
  writeFileSync(
    onnx,
    encodeModel({
      inputs: [{ name: 'x', shape: [1, inputs] }],
      outputs: ['y'],
      initializers: [
        { name: 'w', shape: [inputs, hidden], data: weights(inputs * hidden) },
        { name: 'v', shape: [hidden, 10], data: weights(hidden * 10) },
      ],
      nodes: [
        { op: 'Gemm', inputs: ['x', 'w'], outputs: ['h'] },
        { op: 'Relu', inputs: ['h'], outputs: ['r'] },
        { op: 'Gemm', inputs: ['r', 'v'], outputs: ['y'] },
      ],
    }),
  );
  const compiled = await compile(onnx, { closeness: 0.2, samples: async () => [sampleOf(0), sampleOf(1)] });
  await writeModel(path, compiled, compiled.report);
});
afterAll(() => rmSync(folder, { recursive: true }));

function sampleOf(i: number): Sample {
  return new Map([['x', Float64Array.from({ length: inputs }, (_, j) => Math.sin(i * inputs + j) * 0.1)]]);
}

function* samplesOf(count: number): Generator<Sample> {
  for (let i = 0; i < count; i++) yield sampleOf(i);
}

async function drain(pool: Pool, count: number): Promise<void> {
  for await (const item of pool.inferMany(samplesOf(count))) if (!item.ok) throw item.error;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** What this process and its threads hold once garbage is collected, in MB. */
async function held(): Promise<{ heap: number; buffers: number; resident: number }> {
  for (let i = 0; i < 10; i++) {
    if (typeof collectGarbage === 'function') collectGarbage();
    await sleep(50);
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, buffers: (external + arrayBuffers) / 2 ** 20, resident: rss / 2 ** 20 };
}

test('memory stays flat over 1,000 inferences', async () => {
  const pool = await createPool(path, { workers: 2, onnx });
  await drain(pool, 300);
  const before = await held();
  await drain(pool, 1000);
  const after = await held();
  await pool.close();
  console.log('MB before', before, 'after', after);
  // A sample holds 6 kB: were every one kept, buffers would grow by 6 MB.
  expect(after.heap - before.heap).toBeLessThan(2);
  expect(after.buffers - before.buffers).toBeLessThan(2);
  expect(after.resident - before.resident).toBeLessThan(40);
});

test('the calling thread is free while the pool opens a model and computes', async () => {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const pool = await createPool(path, { workers: 2, onnx });
  const opening = delay.max / 1e6;
  delay.reset();
  await drain(pool, 1000);
  const computing = delay.max / 1e6;
  delay.disable();
  await pool.close();
  console.log(
    `longest delay of the event loop: ${opening.toFixed(1)} ms opening, ${computing.toFixed(1)} ms computing`,
  );
  // Unloaded it stays below 50 ms; on a busy machine the system itself takes the processor away for longer.
  expect(opening).toBeLessThan(250);
  expect(computing).toBeLessThan(250);
});

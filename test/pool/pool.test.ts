import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkProof, createPool, infer, openModel, type Pool } from '../../src/index.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';
import { type SmallModel, smallSamples, writeSmallModel } from './small-model.ts';

let folder = '';
let small: SmallModel;
let pool: Pool;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-pool-'));
  small = await writeSmallModel(folder);
  pool = await createPool(small.path, { workers: 2, onnx: small.onnx });
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

test('the pool computes what the library and onnxruntime compute, in order', async () => {
  const samples = smallSamples(60);
  const model = await openModel(small.path);
  const runtime = await openFloatRuntime(small.onnx, [{ name: 'x', shape: [1, 3] }]);
  let count = 0;
  for await (const item of pool.inferMany(samples)) {
    expect(item.index).toBe(count);
    const sample = samples[count++];
    expect(item).toMatchObject({
      ok: true,
      value: {
        outputs: infer(model, sample).outputs,
        float: { outputs: await runtime.run(sample), runtime: runtime.description },
      },
    });
  }
  await runtime.close();
  expect(count).toBe(60);
});

test('a sample that cannot be proved fails alone, and says why', async () => {
  const samples = [...smallSamples(2), new Map([['x', Float64Array.of(1e9, 0, 0)]]), new Map(), ...smallSamples(1)];
  const items = [];
  for await (const item of pool.inferMany(samples)) items.push(item);
  expect(items.map(({ ok }) => ok)).toEqual([true, true, false, false, true]);
  expect(items[2]).toMatchObject({ error: { name: 'InputRangeError' } });
  expect(items[3]).toMatchObject({ error: { shortMessage: 'input "x" is missing' } });
});

test('what the caller does with a sample afterwards changes nothing', async () => {
  const [sample] = smallSamples(1);
  const { outputs } = await pool.infer(sample);
  const again = pool.infer(sample);
  sample.get('x')?.fill(0.25);
  expect((await again).outputs).toEqual(outputs);
});

test('proofs of the pool hold, each for its binding', async () => {
  const requests = smallSamples(3).map((sample, i) => ({ sample, binding: BigInt(100 + i) }));
  let count = 0;
  for await (const item of pool.proveMany(requests)) {
    if (!item.ok) throw item.error;
    const { outputs } = await pool.infer(requests[count].sample);
    const verdict = checkProof(item.value.proof, small.file, {
      binding: `0x${(100 + count).toString(16).padStart(64, '0')}`,
    });
    expect(verdict).toMatchObject({ valid: true, outputs: [{ values: [...(outputs.get('y') ?? [])] }] });
    count++;
  }
  expect(count).toBe(3);
  expect(pool.stats()).toMatchObject({
    inference: { executor: 'thread', crashes: 0 },
    proving: { executor: 'process', completed: 3, crashes: 0 },
  });
});

test('aborting a batch ends it, and the pool goes on', async () => {
  const controller = new AbortController();
  const run = async () => {
    for await (const { index } of pool.inferMany(smallSamples(500), { signal: controller.signal })) {
      if (index === 10) controller.abort(new Error('enough'));
    }
  };
  await expect(run()).rejects.toThrow('enough');
  expect((await pool.infer(smallSamples(1)[0])).outputs.get('y')).toHaveLength(2);
});

test('nothing is kept of 1,000 inferences', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  // One collection leaves what waits for a finalizer, which can be several MB.
  const held = async (): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (typeof collect === 'function') collect();
      const { heapUsed, external } = process.memoryUsage();
      least = Math.min(least, (heapUsed + external) / 2 ** 20);
    }
    return least;
  };
  const run = async (count: number) => {
    for await (const item of pool.inferMany(smallSamples(count))) expect(item.ok).toBe(true);
  };
  await run(200);
  const before = await held();
  await run(1000);
  expect((await held()) - before).toBeLessThan(2);
});

test('close waits for a running proof', async () => {
  const closing = await createPool(await openModel(small.path), { workers: 1 });
  let proved = false;
  const proof = closing.prove({ sample: smallSamples(1)[0] }).then(() => {
    proved = true;
  });
  await closing.close();
  expect(proved).toBe(true);
  await proof;
  await expect(closing.infer(smallSamples(1)[0])).rejects.toThrow('closed');
  await expect(closing.prove({ sample: smallSamples(1)[0] })).rejects.toThrow('closed');
});

test('an ONNX file of another model is refused, a missing directory and missing keys are', async () => {
  const other = join(folder, 'other.onnx');
  const bytes = readFileSync(small.onnx);
  bytes[bytes.lastIndexOf(Buffer.from(Float32Array.of(1.5).buffer)) + 2] ^= 1;
  writeFileSync(other, bytes);
  const { quantised, ranges, circuit, layout, digests } = await openModel(small.path);
  const keyless = await createPool({ quantised, ranges, circuit, layout, digests }, { workers: 1, onnx: other });
  await expect(keyless.infer(smallSamples(1)[0])).rejects.toThrow('other.onnx" is not the ONNX file that was compiled');
  await expect(keyless.prove({ sample: smallSamples(1)[0] })).rejects.toThrow('no proving key');
  await keyless.close();
  await expect(createPool(join(folder, 'nowhere'))).rejects.toThrow('is not a compiled model');
  await expect(createPool(small.path, { workers: 0 })).rejects.toThrow('workers is 0');
});

test('a pool that nobody closes does not keep its process alive', async () => {
  const script = join(folder, 'forget.mts');
  const module = new URL('../../src/pool/pool.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { createPool } from '${module}';
    const pool = await createPool('${small.path}', { workers: 2, onnx: '${small.onnx}' });
    const { proof } = await pool.prove({ sample: new Map([['x', Float64Array.of(0, 0, 0.5)]]) });
    await pool.infer(new Map([['x', Float64Array.of(0, 0, 0.5)]]));
    console.log(proof.outputs[0].name);`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { timeout: 110_000 });
  expect(stdout).toBe('y\n');
});

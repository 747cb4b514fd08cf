import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { terminateCurve } from '../../src/kernel/snarkjs.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { encodeProofJson, encodeVerifyingKeyJson } from '../../src/verify/snarkjs-json.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { writeFileAtomically } from '../../src/write-file.ts';
import { addon, addonPath, reason, thorough, variants } from './native.ts';
import { randomCircuit } from './random-circuit.ts';

const snarkjs = await import('snarkjs');
const folder = await mkdtemp(join(tmpdir(), 'vouch-kernel-'));
afterAll(async () => {
  await terminateCurve();
  await rm(folder, { recursive: true });
});

async function makeKey(seed: number, rows: number, publicInputs: number) {
  const { system, witness } = randomCircuit(seed, rows, publicInputs);
  const { zkey, verifyingKey } = await createDevelopmentKey(system);
  return { provingKey: new Uint8Array(Buffer.concat(zkey)), zkey, verifyingKey, witness };
}

const shapes: readonly [rows: number, publicInputs: number][] = [
  [1, 0],
  [1, 3],
  [2, 1],
  [7, 0],
  [30, 33],
  [200, 2],
  ...(thorough ? Array.from({ length: 30 }, (_, i): [number, number] => [1 + 17 * i, i % 6]) : []),
];
const long = await makeKey(99, 1500, 2);

describe.skipIf(addon === undefined).each(variants)(`proofs by kernel %s ${reason}`, (variant) => {
  if (addon === undefined) return;
  const native = addon;
  const kernel = createNativeKernel(native, { variant, threads: 2 });

  test.each(shapes)('%i rows and %i public inputs', async (rows, publicInputs) => {
    const { provingKey, verifyingKey, witness } = await makeKey(rows, rows, publicInputs);
    const { proof, publicSignals } = await proveGroth16({ kernel, provingKey, verifyingKey, witness });
    const signals = publicSignals.map(String);
    const key = encodeVerifyingKeyJson(verifyingKey);
    expect(await snarkjs.groth16.verify(key, signals, encodeProofJson(proof))).toBe(true);
    const again = await proveGroth16({ kernel, provingKey, verifyingKey, witness });
    expect(again.proof.a).not.toEqual(proof.a);
    if (publicInputs > 0) {
      expect(verifyGroth16(verifyingKey, [toScalar(publicSignals[0] + 1n), ...publicSignals.slice(1)], proof)).toBe(
        false,
      );
    }
  });

  test('a key in a file, from one and from many threads, at the same time', async () => {
    const { zkey, verifyingKey, witness } = long;
    const path = join(folder, `${variant}.zkey`);
    await writeFileAtomically(path, zkey);
    const single = createNativeKernel(native, { variant, threads: 1 });
    const many = createNativeKernel(native, { variant, threads: 5 });
    const proofs = await Promise.all(
      [single, many, kernel, many].map((one) => proveGroth16({ kernel: one, provingKey: path, verifyingKey, witness })),
    );
    expect(proofs.map((proved) => proved.kernel)).toEqual(Array.from({ length: 4 }, () => `native-${variant}`));
    await single.close();
    await rm(path);
    await expect(single.prove({ provingKey: path, witness: encodeWtns(witness) })).rejects.toThrow('ENOENT');
  });

  test('a witness that breaks a row gives a proof that does not verify', async () => {
    const { provingKey, verifyingKey, witness } = await makeKey(5, 40, 1);
    const entries = witness.entries.slice();
    entries[20] = 12345;
    await expect(
      proveGroth16({ kernel, provingKey, verifyingKey, witness: { entries, big: witness.big } }),
    ).rejects.toThrow('does not verify');
  });

  test('progress grows to one, and a proof can be cancelled before and while it runs', async () => {
    const { provingKey } = long;
    const request = { provingKey, witness: encodeWtns(long.witness) };
    const fractions: number[] = [];
    await kernel.prove({ ...request, onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions.at(-1)).toBe(1);
    expect([...fractions].sort((x, y) => x - y)).toEqual(fractions);

    const why = new Error('enough');
    await expect(kernel.prove({ ...request, signal: AbortSignal.abort(why) })).rejects.toBe(why);
    // Nothing tells that the kernel computes: a proof that is done before it is cancelled is made again.
    let cancelled = 0;
    for (let attempt = 0; attempt < 50 && cancelled === 0; attempt++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(why), attempt % 5);
      await kernel.prove({ ...request, signal: controller.signal }).catch((error: unknown) => {
        expect(error).toBe(why);
        cancelled++;
      });
    }
    expect(cancelled).toBe(1);
    await kernel.prove(request);
  });

  test('who cancels while a key is opened ends nobody else who waits for it', async () => {
    const { provingKey, zkey } = long;
    const path = join(folder, `${variant}-shared.zkey`);
    await writeFileAtomically(path, zkey);
    const witness = encodeWtns(long.witness);
    for (const source of [provingKey.slice(), path]) {
      const fresh = createNativeKernel(native, { variant, threads: 2 });
      const controller = new AbortController();
      const why = new Error('enough');
      const first = fresh.prove({ provingKey: source, witness, signal: controller.signal });
      const others = [0, 1].map(() => fresh.prove({ provingKey: source, witness }));
      controller.abort(why);
      await expect(first).rejects.toBe(why);
      expect(await Promise.all(others)).toHaveLength(2);
    }
  });

  test('a witness of another circuit is refused', async () => {
    const { provingKey } = long;
    const witness = encodeWtns(vectorOf([toScalar(1), toScalar(2)]));
    await expect(kernel.prove({ provingKey, witness })).rejects.toThrow('one value for each wire');
  });
});

test.skipIf(addon === undefined)('the addon survives workers that load it and end', async () => {
  const code = `const addon = require(${JSON.stringify(addonPath)});
    addon.sum('${variants[0]}', 4, 1, new Uint8Array(64 * 5000), new Uint8Array(32 * 5000).fill(1), 0, new Uint8Array(64));
    require('node:worker_threads').parentPort.postMessage(addon.kernels().length);`;
  for (let i = 0; i < 3; i++) {
    const worker = new Worker(code, { eval: true });
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(variants.length);
    await worker.terminate();
  }
});

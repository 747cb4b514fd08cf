import { Buffer } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InternalError } from '../../src/errors.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { chooseKernel } from '../../src/kernel/choose.ts';
import type { Kernel } from '../../src/kernel/contract.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { readZkeySummary, summariseZkey } from '../../src/keys/zkey.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { measureSystem } from '../../src/r1cs/stats.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { encodeProofJson, encodeVerifyingKeyJson } from '../../src/verify/snarkjs-json.ts';
import { writeFileAtomically } from '../../src/write-file.ts';
import { toySystem, toyWitness } from '../r1cs/toy.ts';

const snarkjs = await import('snarkjs');
const kernel = createSnarkjsKernel();
const folder = await mkdtemp(join(tmpdir(), 'vouch-keys-'));
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true });
});

const bytesOf = (chunks: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(chunks));

test('snarkjs proves with our key and accepts the proof, and so do we', async () => {
  const system = toySystem();
  const { zkey, verifyingKey } = await createDevelopmentKey(system);
  const provingKey = bytesOf(zkey);
  expect(provingKey.length).toBe(measureSystem(system).provingKeyBytes);
  const witness = toyWitness(-3n, 4n, 2n ** 100n);
  const { proof, publicSignals } = await proveGroth16({ kernel, provingKey, verifyingKey, witness });
  expect(publicSignals).toEqual([toScalar(5n * 2n ** 100n - 12n), 2n ** 100n]);

  const theirs = await snarkjs.zKey.exportVerificationKey(provingKey);
  expect(theirs).toMatchObject(encodeVerifyingKeyJson(verifyingKey));
  const signals = publicSignals.map(String);
  expect(await snarkjs.groth16.verify(theirs, signals, encodeProofJson(proof))).toBe(true);
  expect(await snarkjs.groth16.verify(theirs, [signals[0], '1'], encodeProofJson(proof))).toBe(false);
  expect(verifyGroth16(verifyingKey, [publicSignals[0], 1n], proof)).toBe(false);
});

test('the scalars of the points, which give the secrets away, end as zeroes', async () => {
  const scalars: Uint8Array[] = [];
  const { evaluateKey, multiplyBase, ...rest } = chooseKernel().kernel;
  if (evaluateKey === undefined || multiplyBase === undefined) return expect(rest.name).not.toMatch(/^native/);
  const watched: Kernel = {
    ...rest,
    async evaluateKey(request, options) {
      const parts = await evaluateKey(request, options);
      scalars.push(parts.a, parts.b, parts.c, parts.h);
      return parts;
    },
    multiplyBase,
  };
  const { zkey } = await createDevelopmentKey(toySystem(), { kernel: watched });
  expect(scalars).toHaveLength(4);
  for (const part of scalars) expect(part.every((byte) => byte === 0)).toBe(true);
  expect(bytesOf(zkey).some((byte) => byte !== 0)).toBe(true);

  scalars.length = 0;
  const failing = { ...watched, multiplyBase: () => Promise.reject(new InternalError('enough')) };
  await expect(createDevelopmentKey(toySystem(), { kernel: failing })).rejects.toThrow('enough');
  expect(scalars).toHaveLength(4);
  for (const part of scalars) expect(part.every((byte) => byte === 0)).toBe(true);
});

test('the public signals are not malleable: a signal that no row uses still belongs to the proof', async () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 1, privateInputs: 1 });
  for (const side of [builder.a, builder.b, builder.c]) side.add(2, 1);
  builder.closeRow(0);
  const { zkey, verifyingKey } = await createDevelopmentKey(builder.finish());
  const witness = vectorOf([1n, 77n, 1n].map((value) => toScalar(value)));
  const { proof } = await proveGroth16({ kernel, provingKey: bytesOf(zkey), verifyingKey, witness });
  expect(verifyGroth16(verifyingKey, [77n], proof)).toBe(true);
  expect(verifyGroth16(verifyingKey, [78n], proof)).toBe(false);
});

test('a system large enough for worker threads, with big and repeated coefficients', async () => {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 0, privateInputs: 1 });
  const values = [1n, 0n, 3n];
  for (let i = 0; i < 1200; i++) {
    const wire = builder.allocateWires(1, 0);
    builder.a.add(wire - 1, 1);
    builder.a.add(0, -i);
    builder.b.addScalar(wire - 1, toScalar(2n ** 180n + BigInt(i % 7)));
    builder.c.add(wire, -1);
    builder.closeRow(0);
    values.push(toScalar(-(values[wire - 1] - BigInt(i)) * values[wire - 1] * (2n ** 180n + BigInt(i % 7))));
  }
  builder.a.add(1, 1);
  builder.b.add(0, 1);
  builder.c.add(values.length - 1, 1);
  builder.closeRow(0);
  values[1] = values[values.length - 1];
  const fractions: number[] = [];
  const { zkey, verifyingKey } = await createDevelopmentKey(builder.finish(), {
    kernel,
    threads: 2,
    onProgress: (fraction) => fractions.push(fraction),
  });
  expect(fractions.at(-1)).toBe(1);
  expect([...fractions].sort((x, y) => x - y)).toEqual(fractions);
  const path = join(folder, 'chain.zkey');
  await writeFileAtomically(path, zkey);
  expect(await readZkeySummary(path)).toEqual(summariseZkey(bytesOf(zkey)));
  const witness = vectorOf(values.map((value) => toScalar(value)));
  const proved = await proveGroth16({ kernel, provingKey: path, verifyingKey, witness });
  expect(proved.publicSignals).toEqual([values[1]]);
  const lie = vectorOf(values.map((value, wire) => toScalar(wire === 700 ? value + 1n : value)));
  await expect(proveGroth16({ kernel, provingKey: path, verifyingKey, witness: lie })).rejects.toThrow(
    'does not verify',
  );
});

test('two keys for one system differ, and a proof of one does not verify under the other', async () => {
  const [first, second] = [await createDevelopmentKey(toySystem()), await createDevelopmentKey(toySystem())];
  const provingKey = bytesOf(first.zkey);
  const witness = toyWitness(1n, 2n, 3n);
  const { proof, publicSignals } = await proveGroth16({
    kernel,
    provingKey,
    verifyingKey: first.verifyingKey,
    witness,
  });
  expect(verifyGroth16(second.verifyingKey, publicSignals, proof)).toBe(false);
});

test('a cancelled setup rejects with the reason', async () => {
  const reason = new Error('stop');
  await expect(createDevelopmentKey(toySystem(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('damaged keys are refused', async () => {
  const good = bytesOf((await createDevelopmentKey(toySystem())).zkey);
  const damaged = (change: (bytes: Uint8Array) => void) => {
    const bytes = good.slice();
    change(bytes);
    return () => summariseZkey(bytes);
  };
  const header = 12 + 12 + 4 + 12;
  expect(damaged((bytes) => bytes.fill(0, 0, 4))).toThrow('starts with');
  expect(damaged((bytes) => bytes.fill(0xff, header + 76, header + 80))).toThrow('4294967295 signals');
  expect(damaged((bytes) => bytes.fill(0xff, header + 84, header + 116))).toThrow('not below the modulus');
  expect(damaged((bytes) => bytes.set([bytes[header + 84] ^ 1], header + 84))).toThrow('alpha is malformed');
  expect(damaged((bytes) => bytes.set([bytes[header + 212] ^ 1], header + 212))).toThrow('beta is malformed');
  expect(damaged((bytes) => bytes.fill(0, header + 84, header + 148))).toThrow('point at infinity');
  expect(() => summariseZkey(good.slice(0, -1))).toThrow('claims 68 bytes');
  await expect(readZkeySummary(join(folder, 'missing.zkey'))).rejects.toThrow('ENOENT');
  const path = join(folder, 'cut.zkey');
  await writeFileAtomically(path, [good.subarray(0, good.length - 1)]);
  await expect(readZkeySummary(path)).rejects.toThrow('claims 68 bytes');
});

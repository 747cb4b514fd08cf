import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BASE_MODULUS } from '../../src/field/bn254.ts';
import type { Kernel } from '../../src/kernel/contract.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { createSnarkjsKernel, terminateCurve } from '../../src/kernel/snarkjs.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { prepareKey } from '../../src/keys/prepare-key.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { writeFileAtomically } from '../../src/write-file.ts';
import { sectionAt } from '../keys/ceremony-fixture.ts';
import { addon, reason, variants } from './native.ts';
import { randomCircuit } from './random-circuit.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-blinding-'));
const kernels: readonly Kernel[] = [
  ...variants.flatMap((variant) => (addon === undefined ? [] : [createNativeKernel(addon, { variant, threads: 2 })])),
  ...(['fma', 'simd'] as const).flatMap((build) => {
    const found = loadWasmCode(build);
    return 'code' in found ? [createWasmKernel(found.code, { threads: 2 })] : [];
  }),
  createSnarkjsKernel(),
];
afterAll(async () => {
  for (const kernel of kernels) await kernel.close();
  await terminateCurve();
  await rm(folder, { recursive: true });
});

const { system, witness } = randomCircuit(11, 9, 1);
const { zkey, verifyingKey } = await createDevelopmentKey(system);
const honest = new Uint8Array(Buffer.concat(zkey));

/** Without beta1, delta1 and B1, C stays right for any blinding, so that a proof verifies: but A is not blinded. */
function withoutBlinding(delta1: Uint8Array): Uint8Array {
  const key = honest.slice();
  const header = sectionAt(key, 2) + 84;
  key.fill(0, header + 64, header + 128);
  key.set(delta1, header + 2 * 64 + 2 * 128);
  const b1 = sectionAt(key, 6);
  key.fill(0, b1, sectionAt(key, 7) - 12);
  return key;
}

/** Infinity as it is written, and as other numbers that stand for zero. */
const modulus = Buffer.from(BASE_MODULUS.toString(16).padStart(64, '0'), 'hex').reverse();
const infinities = [new Uint8Array(64), new Uint8Array(Buffer.concat([modulus, modulus]))];

test.each(kernels)('$name takes no key whose proofs would not hide their witness', async (kernel) => {
  const prove = (provingKey: Uint8Array | string) => proveGroth16({ kernel, provingKey, verifyingKey, witness });
  const [first, second] = [await prove(honest), await prove(honest)];
  expect(first.proof.a).not.toEqual(second.proof.a);
  const path = join(folder, `${kernel.name}.zkey`);
  for (const delta1 of infinities) {
    await expect(prove(withoutBlinding(delta1))).rejects.toThrow('would not hide its witness');
    await writeFileAtomically(path, [withoutBlinding(delta1)]);
    await expect(prove(path)).rejects.toThrow('would not hide its witness');
  }
});

test.skipIf(addon === undefined)(`nor such a prepared key ${reason}`, async () => {
  const [kernel] = kernels;
  const path = join(folder, 'honest.zkey');
  await writeFileAtomically(path, [honest]);
  const digest = createHash('sha256').update(honest).digest();
  const prepared = new Uint8Array(Buffer.concat([...(await prepareKey(path, digest, system, { kernel }))]));
  prepared.fill(0, 128 + 2 * 64, 128 + 3 * 64);
  await expect(proveGroth16({ kernel, provingKey: prepared, verifyingKey, witness })).rejects.toThrow(
    'would not hide its witness',
  );
});

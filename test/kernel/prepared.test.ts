import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { FieldVector } from '../../src/field/vector.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { NativeKernelError } from '../../src/kernel/native-status.ts';
import { witnessValues } from '../../src/kernel/witness-values.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { prepareKey } from '../../src/keys/prepare-key.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import type { System } from '../../src/r1cs/system.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { writeFileAtomically } from '../../src/write-file.ts';
import { linearCircuit } from './linear-circuit.ts';
import { addon, reason, thorough, variants } from './native.ts';
import { randomIntegers } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-prepared-'));
afterAll(() => rm(folder, { recursive: true }));

const circuits: readonly (readonly [name: string, circuit: { system: System; witness: FieldVector }])[] = [
  ...[1, 2, 7, 30].map((rows) => [`${rows} products`, randomCircuit(rows, rows, rows % 3)] as const),
  ...[1, 3, 9].map((rows) => [`${rows} sums`, linearCircuit(rows, rows, rows % 4)] as const),
  ['more signals than rows', linearCircuit(5, 2, 33)],
  ...(thorough
    ? Array.from({ length: 12 }, (_, i) => [`${20 * i + 40} sums`, linearCircuit(i, 20 * i + 40, i % 5)] as const)
    : []),
];

describe.skipIf(addon === undefined).each(variants)(`prepared keys and kernel %s ${reason}`, (variant) => {
  if (addon === undefined) return;
  const native = addon;
  const kernel = createNativeKernel(native, { variant, threads: 2 });

  /** A key of the circuit and its prepared form. */
  async function makeKeys(system: System) {
    const { zkey, verifyingKey } = await createDevelopmentKey(system);
    const path = join(folder, `${variant}.zkey`);
    await writeFileAtomically(path, zkey);
    const plain = new Uint8Array(Buffer.concat(zkey));
    const digest = createHash('sha256').update(plain).digest();
    const prepared = new Uint8Array(Buffer.concat([...(await prepareKey(path, digest, system, { kernel }))]));
    return { plain, prepared, verifyingKey };
  }

  /** A proof with given blinding, or the status that the kernel ended with. */
  async function proofBytes(key: Uint8Array, witness: Uint8Array, threads: number): Promise<Uint8Array | number> {
    const handle = await native.openKey(variant, threads, key, '', new Uint32Array(2));
    if (typeof handle === 'number') return handle;
    const proof = new Uint8Array(256);
    const blinding = new Uint8Array(64).fill(7);
    const status = await native.prove(handle, threads, witness, blinding, proof, new Uint32Array(2));
    return status === 0 ? proof : status;
  }

  test.each(circuits)('the same proof, byte by byte, for %s', { timeout: 60_000 }, async (_name, circuit) => {
    const { plain, prepared, verifyingKey } = await makeKeys(circuit.system);
    const witness = witnessValues(encodeWtns(circuit.witness));
    const expected = await proofBytes(plain, witness, 1);
    expect(expected).toHaveLength(256);
    for (const threads of [1, 3]) expect(await proofBytes(prepared, witness, threads)).toEqual(expected);
    const proved = await proveGroth16({ kernel, provingKey: prepared, verifyingKey, witness: circuit.witness });
    expect(proved.kernel).toBe(`native-${variant}, prepared key`);
  });

  test('a witness that breaks a row gives a proof that does not verify', async () => {
    const { system, witness } = randomCircuit(7, 20, 1);
    const { prepared, verifyingKey } = await makeKeys(system);
    const entries = witness.entries.slice();
    entries[10] = 12345;
    await expect(
      proveGroth16({ kernel, provingKey: prepared, verifyingKey, witness: { entries, big: witness.big } }),
    ).rejects.toThrow('does not verify');
  });

  test('a damaged file is refused, or gives another proof, and never ends the process', async () => {
    const { system, witness: vector } = linearCircuit(11, 12, 2);
    const { prepared } = await makeKeys(system);
    const witness = witnessValues(encodeWtns(vector));
    const right = await proofBytes(prepared, witness, 2);
    const step = thorough ? 7 : 397;
    for (let length = 0; length < prepared.length; length += step) {
      expect(await proofBytes(prepared.slice(0, length), witness, 2), `${length} bytes`).toSatisfy(isRefusal);
    }
    expect(await proofBytes(new Uint8Array([...prepared, ...new Uint8Array(64)]), witness, 2)).toSatisfy(isRefusal);

    const random = randomIntegers(31);
    const below = (bound: number) => Number(random() % BigInt(bound));
    const outcomes = { refused: 0, same: 0, other: 0 };
    for (let i = 0; i < (thorough ? 2000 : 40); i++) {
      const changed = prepared.slice();
      const [from, count] = [below(i % 2 ? 3000 : changed.length), 1 + below(9)];
      for (let at = from; at < Math.min(from + count, changed.length); at++) changed[at] ^= 1 + below(255);
      const outcome = await proofBytes(changed, witness, 2);
      if (typeof outcome === 'number') outcomes.refused++;
      else
        outcomes[
          Buffer.compare(outcome, typeof right === 'number' ? new Uint8Array() : right) === 0 ? 'same' : 'other'
        ]++;
    }
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.other).toBeGreaterThan(0);
  });

  const smallCircuit = randomCircuit(3, 9, 1);
  let small: ReturnType<typeof makeKeys> | undefined;
  test.each([
    ['version', 8, 'another version'],
    ['number of wires', 12, 'cut short|wrong size'],
    ['number of signals', 16, 'wrong size'],
    ['domain', 20, 'power of two|cut short|wrong size'],
    ['number of multiples', 24, 'wrong size'],
    ['number of coefficients', 28, 'cut short|wrong size'],
    ['number of terms', 32, 'cut short|wrong size'],
  ])('a wrong %s is named', async (_what, offset, message) => {
    small ??= makeKeys(smallCircuit.system);
    const { prepared } = await small;
    for (const bits of [0x5a, 0xff]) {
      const changed = prepared.slice();
      for (let at = offset; at < offset + 4; at++) changed[at] ^= bits;
      const proof = kernel.prove({ provingKey: changed, witness: encodeWtns(smallCircuit.witness) });
      await expect(proof).rejects.toThrow(NativeKernelError);
      await expect(proof).rejects.toThrow(new RegExp(message));
    }
  });

  test("a circuit that is not the key's is refused", async () => {
    const { system } = randomCircuit(3, 9, 1);
    const { system: other } = randomCircuit(3, 10, 1);
    const { plain } = await makeKeys(system);
    await writeFileAtomically(join(folder, 'own.zkey'), [plain]);
    const prepared = prepareKey(join(folder, 'own.zkey'), new Uint8Array(32), other, { kernel });
    await expect(prepared).rejects.toThrow(NativeKernelError);
  });
});

const isRefusal = (outcome: Uint8Array | number): boolean => typeof outcome === 'number' && outcome >= 16;

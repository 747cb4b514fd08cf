import { describe, expect, test } from 'vitest';
import { readLittleEndian } from '../../src/field/bytes.ts';
import { MalformedFileError } from '../../src/field/sections.ts';
import type { ProveResult } from '../../src/kernel/contract.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { NativeKernelError } from '../../src/kernel/native-status.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { InvalidPointError } from '../../src/verify/points.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { addon, reason, thorough } from './native.ts';
import { randomIntegers } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

const { system, witness: values } = randomCircuit(3, 20, 2);
const { zkey, verifyingKey } = await createDevelopmentKey(system);
const key = new Uint8Array(Buffer.concat(zkey));
const witness = encodeWtns(values);
const random = randomIntegers(23);
const below = (bound: number) => Number(random() % BigInt(bound));

describe.skipIf(addon === undefined)(`malformed files ${reason}`, () => {
  if (addon === undefined) return;
  const kernel = createNativeKernel(addon, { threads: 2 });
  const prove = (provingKey: Uint8Array, bytes = witness) => kernel.prove({ provingKey, witness: bytes });

  /** Either the kernel refuses, or its proof verifies, or it does not; it never ends the process. */
  async function outcome(provingKey: Uint8Array, bytes = witness): Promise<'refused' | 'right' | 'wrong'> {
    let result: ProveResult;
    try {
      result = await prove(provingKey, bytes);
    } catch (error) {
      if (error instanceof NativeKernelError || error instanceof MalformedFileError) return 'refused';
      throw error;
    }
    try {
      return verifyGroth16(verifyingKey, result.publicSignals, result.proof) ? 'right' : 'wrong';
    } catch (error) {
      if (error instanceof InvalidPointError) return 'wrong';
      throw error;
    }
  }

  test('a key cut short anywhere is refused', async () => {
    const step = thorough ? 5 : 397;
    for (let length = 0; length < key.length; length += step) {
      expect(await outcome(key.slice(0, length)), `${length} bytes`).toBe('refused');
    }
  });

  test.each([
    ['magic', 0, 'not a Groth16'],
    ['version', 4, 'not a Groth16'],
    ['number of sections', 9, 'not a Groth16'],
    ['protocol', 24, 'not a Groth16'],
    ['modulus of coordinates', 44, 'BN254'],
    ['modulus of scalars', 84, 'BN254'],
    ['number of wires', 112, 'wrong size'],
    ['number of signals', 116, 'wrong size'],
    ['domain', 120, 'power of two'],
  ])('a wrong %s is named', async (_what, offset, message) => {
    const changed = key.slice();
    changed[offset] ^= 0x5a;
    await expect(prove(changed)).rejects.toThrow(message);
  });

  test('counts that multiply to more than an address are refused', async () => {
    for (const offset of [112, 116, 120]) {
      for (const count of [0, 1, 0x0fffffff, 0x10000000, 0x7fffffff, 0xffffffff]) {
        const changed = key.slice();
        new DataView(changed.buffer).setUint32(offset, count, true);
        expect(await outcome(changed)).toBe('refused');
      }
    }
  });

  test('coefficients of no row, wire or matrix are refused', async () => {
    const section = findSection(4) + 4;
    for (const offset of [0, 4, 8]) {
      const changed = key.slice();
      new DataView(changed.buffer).setUint32(section + 44 * 3 + offset, 0x10000, true);
      await expect(prove(changed)).rejects.toThrow('belongs to no row or wire');
    }
  });

  test('random damage never crashes, and a damaged point never gives a valid proof', { timeout: 900_000 }, async () => {
    const wrong = { refused: 0, right: 0, wrong: 0 };
    for (let i = 0; i < (thorough ? 1000 : 25); i++) {
      const changed = key.slice();
      const [from, length] = [below(i % 2 ? 900 : changed.length), 1 + below(9)];
      for (let at = from; at < Math.min(from + length, changed.length); at++) changed[at] ^= 1 + below(255);
      wrong[await outcome(changed)]++;
    }
    expect(wrong.refused).toBeGreaterThan(0);
    expect(wrong.wrong).toBeGreaterThan(0);
    const changed = key.slice();
    changed.fill(255, findSection(9), findSection(9) + 64 * 8);
    expect(await outcome(changed)).toBe('wrong');
    changed.fill(255, findSection(4) + 4 + 12, findSection(4) + 4 + 44);
    expect(await outcome(changed)).toBe('wrong');
  });

  test('damaged witnesses are refused or give a wrong proof', async () => {
    const notReduced = witness.slice();
    notReduced.fill(255, witness.length - 32);
    await expect(prove(key, notReduced)).rejects.toThrow('not below the order of the field');
    for (const length of [0, 11, 12, 75, witness.length - 1]) {
      expect(await outcome(key, witness.slice(0, length))).toBe('refused');
    }
    for (let i = 0; i < (thorough ? 300 : 15); i++) {
      const changed = witness.slice();
      const at = below(changed.length);
      changed[at] ^= 1 + below(255);
      expect(await outcome(key, changed)).not.toBe(at >= 76 + 32 && at < 76 + 32 * 3 ? 'right' : '');
    }
  });

  function findSection(id: number): number {
    const view = new DataView(key.buffer);
    for (let at = 12; at < key.length; at += 12 + Number(view.getBigUint64(at + 4, true))) {
      if (view.getUint32(at, true) === id) return at + 12;
    }
    return 0;
  }
});

test('the witness in these tests is not degenerate', () => {
  expect(new Set(Array.from({ length: 20 }, (_, i) => readLittleEndian(witness, 76 + 32 * i))).size).toBeGreaterThan(5);
});

import { Buffer } from 'node:buffer';
import { afterAll, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { terminateCurve } from '../../src/kernel/snarkjs.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { decodeR1cs, encodeR1cs } from '../../src/r1cs/file.ts';
import { decodeWtns, encodeWtns } from '../../src/witness/file.ts';
import { toySystem, toyWitness } from './toy.ts';

const snarkjs = await import('snarkjs');
afterAll(terminateCurve);

const silent = { info() {}, warn() {}, debug() {}, error() {} };
const bytesOf = (system: ReturnType<typeof toySystem>) => new Uint8Array(Buffer.concat([...encodeR1cs(system)]));

test('snarkjs reads our constraints and checks our witness', async () => {
  const r1cs = bytesOf(toySystem());
  expect(await snarkjs.r1cs.info(r1cs, silent)).toMatchObject({
    nVars: 6,
    nOutputs: 1,
    nPubInputs: 1,
    nPrvInputs: 2,
    nConstraints: 2,
  });
  expect(await snarkjs.wtns.check(r1cs, encodeWtns(toyWitness(-3n, 2n ** 60n, 7n)), silent)).toBe(true);
  const { entries, big } = toyWitness(3n, 4n, 7n);
  entries[5]++;
  expect(await snarkjs.wtns.check(r1cs, encodeWtns({ entries, big }), silent)).toBe(false);
});

test('both files survive a round trip, with small, negative and big elements', () => {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 1, privateInputs: 2 });
  builder.a.add(1, -(2 ** 53 - 1));
  builder.a.add(2, 2 ** 40 + 1);
  builder.b.addScalar(3, toScalar(2n ** 250n));
  builder.c.add(0, -1);
  builder.closeRow(0);
  builder.closeRow(0);
  const system = builder.finish();
  const { a, b, c, big, rows, wires, outputs, publicInputs, privateInputs } = system;
  expect(decodeR1cs(bytesOf(system))).toMatchObject({
    ...{ a, b, c, big, rows, wires, outputs, publicInputs, privateInputs },
  });
  const witness = vectorOf([1n, -1n, 2n ** 53n - 1n, 1n - 2n ** 53n, 2n ** 53n, 2n ** 250n].map((v) => toScalar(v)));
  expect(decodeWtns(encodeWtns(witness))).toEqual(witness);
});

test('every truncation and every lie about lengths is refused', () => {
  const good = bytesOf(toySystem());
  for (let length = 0; length < good.length; length++) {
    expect(() => decodeR1cs(good.slice(0, length)), `${length} bytes`).toThrow('not a valid .r1cs file');
  }
  const lie = (offset: number, value: number) => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(offset, value, true);
    return () => decodeR1cs(bytes);
  };
  expect(lie(8, 2 ** 32 - 1)).toThrow('4294967295 sections');
  expect(lie(24 + 36, 2 ** 32 - 1)).toThrow('do not fit');
  expect(lie(24 + 60, 2 ** 28)).toThrow('cannot hold');
  expect(lie(24 + 4, 7)).toThrow('scalar field of BN254');
  expect(lie(24 + 64 + 12, 2 ** 32 - 1)).toThrow('cut off');
  expect(lie(24 + 64 + 12 + 4, 6)).toThrow('names wire 6 of 6');
});

test('a witness value of r or more is refused', () => {
  const bytes = encodeWtns(toyWitness(1n, 2n, 3n));
  bytes.fill(0xff, 76 + 32, 76 + 64);
  expect(() => decodeWtns(bytes)).toThrow('wire 1');
});

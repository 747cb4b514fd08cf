import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { MalformedFileError } from '../../src/field/sections.ts';
import { isReference } from '../../src/field/vector.ts';
import { witnessValues } from '../../src/kernel/witness-values.ts';
import { decodeR1cs, encodeR1cs } from '../../src/r1cs/file.ts';
import type { System } from '../../src/r1cs/system.ts';
import { decodeWtns, encodeWtns } from '../../src/witness/file.ts';
import { randomIntegers } from '../kernel/points.ts';
import { randomCircuit } from '../kernel/random-circuit.ts';

const ROUNDS = process.env.VOUCH_HEAVY === undefined ? 2000 : 100_000;
const { system, witness } = randomCircuit(17, 12, 2);

/** Bytes changed in the ways that break parsers: flips, edges of integers, cuts, repeats; the same for the same seed. */
function* damaged(good: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = randomIntegers(seed);
  const below = (bound: number) => Number(random() % BigInt(bound));
  const edges = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 28, (1 << 28) + 1];
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = good.slice();
    const view = new DataView(bytes.buffer);
    // Heads and headers decide most; half of the damage goes there.
    const within = below(2) === 0 ? Math.min(120, bytes.length) : bytes.length;
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = below(within);
      if (below(2) === 0) bytes[at] ^= 1 + below(255);
      else if (at + 4 <= bytes.length) view.setUint32(at, edges[below(edges.length)], true);
    }
    const kind = below(8);
    if (kind === 0) yield bytes.subarray(0, below(bytes.length));
    else if (kind === 1) yield new Uint8Array(Buffer.concat([bytes, bytes.subarray(below(bytes.length))]));
    else yield bytes;
  }
}

/** The result, or nothing where the file was refused as malformed. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedFileError) return undefined;
    throw error;
  }
}

test('a damaged .r1cs is refused, or is a system whose every index exists and that its bytes could hold', () => {
  const good = new Uint8Array(Buffer.concat([...encodeR1cs(system)]));
  const outcomes = { refused: 0, read: 0 };
  for (const bytes of damaged(good, 5)) {
    const found = attempt(() => decodeR1cs(bytes));
    if (found === undefined) outcomes.refused++;
    else {
      outcomes.read++;
      expectSound(found, bytes.length);
    }
  }
  expect(outcomes.refused).toBeGreaterThan(ROUNDS / 4);
  expect(outcomes.read).toBeGreaterThan(ROUNDS / 20);
});

function expectSound({ rows, wires, a, b, c, big, ...sizes }: System, length: number): void {
  const problems: string[] = [];
  if (12 * rows + 8 * wires > length) problems.push(`${rows} rows and ${wires} wires in ${length} bytes`);
  if (sizes.outputs + sizes.publicInputs + sizes.privateInputs >= wires) problems.push('more signals than wires');
  for (const { rowPtr, wire, coefficient } of [a, b, c]) {
    if (rowPtr.length !== rows + 1 || rowPtr[rows] !== wire.length) problems.push('rows do not end with the terms');
    if (wire.some((index) => index >= wires)) problems.push('a wire that does not exist');
    for (const entry of coefficient) {
      if (isReference(entry) ? big[(entry - 2 ** 53) / 2] === undefined : !Number.isSafeInteger(entry)) {
        problems.push(`coefficient ${entry}`);
      }
    }
  }
  expect(problems).toEqual([]);
}

test('a damaged .wtns is refused, or its values are what its bytes hold', () => {
  const good = encodeWtns(witness);
  let [refused, read] = [0, 0];
  for (const bytes of damaged(good, 6)) {
    const found = attempt(() => decodeWtns(bytes));
    const values = attempt(() => witnessValues(bytes));
    if (values === undefined) expect(found).toBeUndefined();
    else expect(values.length).toBeLessThan(bytes.length);
    if (found === undefined) {
      refused++;
      continue;
    }
    read++;
    expect(32 * found.entries.length).toBeLessThan(bytes.length);
    expect(found.big.every((value) => value < SCALAR_MODULUS)).toBe(true);
  }
  expect(refused).toBeGreaterThan(ROUNDS / 4);
  expect(read).toBeGreaterThan(ROUNDS / 20);
});

test('a small .r1cs that claims many wires or rows is refused before memory is taken', () => {
  const good = new Uint8Array(Buffer.concat([...encodeR1cs(system)]));
  for (const offset of [36, 60]) {
    for (const count of [1000, 2 ** 20, 2 ** 28]) {
      const bytes = good.slice();
      new DataView(bytes.buffer).setUint32(24 + offset, count, true);
      expect(() => decodeR1cs(bytes)).toThrow('cannot hold');
    }
  }
});

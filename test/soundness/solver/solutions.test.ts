import { expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../../src/field/bn254.ts';
import { createSystemBuilder } from '../../../src/r1cs/builder.ts';
import type { System } from '../../../src/r1cs/system.ts';
import { Random } from '../../r1cs/lower/random.ts';
import { rowsOf } from './linear.ts';
import { solveAll } from './solutions.ts';

type Terms = readonly (readonly [wire: number, coefficient: number])[];

function systemOf(wires: number, rows: readonly (readonly [Terms, Terms, Terms])[]): System {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: wires });
  for (const row of rows) {
    for (const [i, side] of [builder.a, builder.b, builder.c].entries()) {
      for (const [wire, coefficient] of row[i]) side.add(wire, coefficient);
    }
    builder.closeRow(0);
  }
  return builder.finish();
}

/** The wire is 0 or 1. */
const bit = (wire: number): readonly [Terms, Terms, Terms] => [[[wire, 1]], [[wire, 1]], [[wire, 1]]];

function bruteForce(system: System, wires: number): string[] {
  const rows = rowsOf(system);
  const found: string[] = [];
  for (let at = 0; at < 2 ** wires; at++) {
    const values = [1n, ...Array.from({ length: wires }, (_, i) => BigInt((at >> i) & 1))];
    const evaluate = ({ constant, terms }: { constant: bigint; terms: ReadonlyMap<number, bigint> }): bigint =>
      [...terms].reduce((sum, [wire, coefficient]) => sum + coefficient * values[wire], constant);
    if (rows.every(({ a, b, c }) => (evaluate(a) * evaluate(b) - evaluate(c)) % SCALAR_MODULUS === 0n)) {
      found.push(values.join());
    }
  }
  return found.sort();
}

test('finds exactly the solutions that trying everything finds', () => {
  let several = 0;
  for (let seed = 0; seed < 400; seed++) {
    const random = new Random(seed);
    const wires = random.int(2, 7);
    const terms = (most: number): Terms =>
      Array.from({ length: random.int(0, most) }, () => [random.int(0, wires), random.int(-3, 3)] as const);
    const rows = Array.from({ length: wires }, (_, i) => bit(i + 1));
    for (let extra = random.int(0, 3); extra > 0; extra--) rows.push([terms(3), terms(2), terms(4)]);
    const system = systemOf(wires, rows);
    const verdict = solveAll(system, new Map(), { most: 2 ** 7 });
    const expected = bruteForce(system, wires);
    if (verdict.kind !== 'solutions') throw new Error(`seed ${seed}: ${verdict.kind}`);
    expect(verdict.solutions.map((solution) => solution.join()).sort(), `seed ${seed}`).toEqual(expected);
    if (expected.length > 1) several++;
  }
  expect(several).toBeGreaterThan(100);
});

test('looks through the whole field, not at small numbers only', () => {
  // 3·w₁ = 1 has a solution that is no small integer.
  const third = solveAll(systemOf(1, [[[[1, 3]], [[0, 1]], [[0, 1]]]]), new Map());
  expect(third).toMatchObject({ kind: 'solutions', solutions: [[1n, (2n * SCALAR_MODULUS + 1n) / 3n]] });
  // A bit of weight 2 cannot make up for one of weight 1 around the field.
  const odd = systemOf(3, [
    bit(1),
    bit(2),
    [
      [[3, 1]],
      [[0, 1]],
      [
        [1, 2],
        [2, 4],
      ],
    ],
  ]);
  expect(solveAll(odd, new Map([[3, 1n]]))).toEqual({ kind: 'solutions', solutions: [] });
  expect(solveAll(odd, new Map([[3, 6n]]))).toMatchObject({ kind: 'solutions', solutions: [[1n, 1n, 1n, 6n]] });
});

test('says so when a wire is free or a row beyond it', () => {
  expect(solveAll(systemOf(2, [bit(1)]), new Map())).toEqual({ kind: 'free', wire: 2 });
  expect(solveAll(systemOf(2, [[[[1, 1]], [[2, 1]], [[0, 7]]]]), new Map())).toMatchObject({ kind: 'undecided' });
  expect(solveAll(systemOf(2, [bit(1), bit(2)]), new Map(), { most: 2 })).toMatchObject({ kind: 'free' });
});

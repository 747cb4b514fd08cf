import { expect, test } from 'vitest';
import { SCALAR_MODULUS, toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { fc } from '../property.ts';
import { toySystem, toyWitness } from './toy.ts';

test('an honest witness passes; a lie is explained by node, gadget, wires and values', () => {
  const system = toySystem();
  expect(findUnsatisfied(system, toyWitness(-3n, 4n, 9n))).toBeUndefined();
  const lie = toyWitness(-3n, 4n, 9n);
  lie.entries[5]--;
  const failure = findUnsatisfied(system, lie);
  expect(failure && describeUnsatisfied(failure)).toMatchInlineSnapshot(`
    "Constraint 0 of product in Mul "mul_1" does not hold: (-3) · (4) is not -13.
      wire 3 = -3 (interface)
      wire 4 = 4 (interface)
      wire 5 = -13 (product in Mul "mul_1")"
  `);
});

test('the all-zero witness and a witness of another length are refused', () => {
  expect(() => findUnsatisfied(toySystem(), vectorOf(Array(6).fill(toScalar(0))))).toThrow('Wire 0');
  expect(() => findUnsatisfied(toySystem(), vectorOf([toScalar(1)]))).toThrow('has 1 values');
});

test('agrees with big integers at every magnitude', () => {
  const size = fc.constantFrom(3n, 2n ** 26n, 2n ** 27n, 2n ** 52n, 2n ** 53n, 2n ** 54n, SCALAR_MODULUS);
  const element = size.chain((most) => fc.bigInt({ min: -most, max: most }));
  const expression = fc.array(fc.tuple(fc.nat(3), element), { maxLength: 5 });
  fc.assert(
    fc.property(
      expression,
      expression,
      expression,
      fc.array(element, { minLength: 3, maxLength: 3 }),
      (a, b, c, tail) => {
        const values = [1n, ...tail];
        const evaluate = (terms: [number, bigint][]) => terms.reduce((sum, [wire, k]) => sum + k * values[wire], 0n);
        const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 3 });
        for (const [side, terms] of [
          [builder.a, a],
          [builder.b, b],
          [builder.c, c],
        ] as const) {
          for (const [wire, k] of terms) side.addScalar(wire, toScalar(k));
        }
        builder.closeRow(0);
        // Two more rows with the same left sides: the truth, and the truth plus one.
        for (const error of [0n, 1n]) {
          for (const [wire, k] of a) builder.a.addScalar(wire, toScalar(k));
          for (const [wire, k] of b) builder.b.addScalar(wire, toScalar(k));
          builder.c.addScalar(0, toScalar(evaluate(a) * evaluate(b) + error));
          builder.closeRow(0);
        }
        const failure = findUnsatisfied(builder.finish(), vectorOf(values.map((value) => toScalar(value))));
        const first = toScalar(evaluate(a) * evaluate(b)) === toScalar(evaluate(c));
        expect(failure?.row).toBe(first ? 2 : 0);
      },
    ),
    { numRuns: 2000 },
  );
});

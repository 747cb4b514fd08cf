import { expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { countByOrigin, measureSystem } from '../../src/r1cs/stats.ts';
import { originOfWire } from '../../src/r1cs/system.ts';
import { toySystem } from './toy.ts';

test('terms of one wire are added up and cancelled terms vanish', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 3 });
  builder.a.add(1, 3);
  builder.a.add(2, 4);
  builder.a.add(1, -3);
  builder.a.add(3, 5);
  builder.a.add(2, 1);
  builder.a.add(1, 7);
  builder.closeRow(0);
  builder.a.add(3, 1);
  builder.a.add(3, -1);
  builder.closeRow(0);
  builder.a.add(3, 2);
  builder.closeRow(0);
  const { a } = builder.finish();
  expect([...a.rowPtr]).toEqual([0, 3, 3, 4]);
  expect([...a.wire]).toEqual([1, 2, 3, 3]);
  expect([...a.coefficient]).toEqual([7, 5, 5, 2]);
});

test('a wire may come back after it cancelled in the same row and in another', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 1 });
  for (const coefficient of [1, -1, 9]) builder.b.add(1, coefficient);
  builder.closeRow(0);
  builder.b.add(1, 4);
  builder.closeRow(0);
  expect([...builder.finish().b.coefficient]).toEqual([9, 4]);
});

test('sums above 2^53 and field constants go to the table of big elements', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 2 });
  builder.c.add(1, 2 ** 53 - 1);
  builder.c.add(1, 2 ** 53 - 1);
  builder.c.addScalar(2, toScalar(-(2n ** 200n)));
  builder.closeRow(0);
  const { c, big } = builder.finish();
  expect([...c.coefficient]).toEqual([2 ** 53, 2 ** 53 + 2]);
  expect(big).toEqual([2n ** 54n - 2n, toScalar(-(2n ** 200n))]);
});

test('coefficients that a double rounds and wires never allocated are refused', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 1 });
  expect(() => builder.a.add(1, 2 ** 53)).toThrow('not an exact integer');
  expect(() => builder.a.add(1, 0.5)).toThrow('not an exact integer');
  builder.a.add(2, 1);
  builder.closeRow(0);
  expect(() => builder.finish()).toThrow('names wire 2');
});

test('rows and wires remember their origin', () => {
  const system = toySystem();
  expect(originOfWire(system, 4).gadget).toBe('interface');
  expect(originOfWire(system, 5)).toEqual({ node: 'mul_1', op: 'Mul', gadget: 'product' });
  expect(countByOrigin(system)).toEqual([
    { node: '', op: '', gadget: 'interface', rows: 0, wires: 5 },
    { node: 'mul_1', op: 'Mul', gadget: 'product', rows: 1, wires: 1 },
    { node: 'add_1', op: 'Add', gadget: 'sum', rows: 1, wires: 0 },
  ]);
  expect(measureSystem(system)).toMatchObject({ rows: 2, wires: 6, publicSignals: 2, domainBits: 3 });
});

import { expect, test } from 'vitest';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { findUntied } from '../../src/r1cs/untied.ts';
import { toySystem } from './toy.ts';

test('wires in no row, or only among themselves, are untied', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 1 });
  const origin = builder.addOrigin({ node: 'n', op: 'Op', gadget: 'g' });
  const [tied, alone, left, right] = Array.from({ length: 4 }, () => builder.allocateWires(1, origin));
  builder.a.add(1, 2);
  builder.b.add(0, 1);
  builder.c.add(tied, 1);
  builder.closeRow(origin);
  builder.a.add(left, 1);
  builder.b.add(0, 3);
  builder.c.add(right, 1);
  builder.c.add(0, 5);
  builder.closeRow(origin);
  expect(findUntied(builder.finish())).toEqual([alone, left, right]);
  expect(findUntied(toySystem())).toEqual([]);
});

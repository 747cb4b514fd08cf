import { add, multiply, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { type FieldVector, vectorOf } from '../../src/field/vector.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import type { System } from '../../src/r1cs/system.ts';
import { randomIntegers } from './points.ts';

/** A system whose side C has public wires, wire 0, several terms and large coefficients, with a witness that satisfies it. */
export function linearCircuit(
  seed: number,
  rows: number,
  publicInputs: number,
): { system: System; witness: FieldVector } {
  const random = randomIntegers(seed);
  const below = (bound: number) => Number(random() % BigInt(bound));
  const builder = createSystemBuilder({ outputs: 1, publicInputs, privateInputs: 3 });
  const values: Scalar[] = [toScalar(1), ...Array.from({ length: publicInputs + 4 }, () => toScalar(random()))];
  for (let row = 0; row < rows; row++) {
    const factor = toScalar([1n, -3n, random()][below(3)]);
    // Distinct wires, wire 0 first.
    const wires = values.map((_, wire) => wire).filter((wire) => wire === 0 || below(values.length) < 4);
    let sum = toScalar(0);
    for (const wire of wires) {
      const coefficient = toScalar([1n, -1n, 1n << 60n, random()][below(4)] || 1n);
      builder.a.addScalar(wire, coefficient);
      builder.c.addScalar(wire, multiply(coefficient, factor));
      sum = add(sum, multiply(coefficient, values[wire]));
    }
    builder.b.addScalar(0, factor);
    if (row % 4 === 0) {
      builder.closeRow(0);
      builder.a.add(0, 1);
      builder.b.add(0, 1);
      builder.c.addScalar(0, toScalar(1));
    } else if (row % 4 === 1) {
      const wire = builder.allocateWires(1, 0);
      values.push(sum);
      builder.closeRow(0);
      builder.a.add(wire, 1);
      builder.b.add(wire, 1);
      builder.c.add(builder.allocateWires(1, 0), 1);
      values.push(multiply(sum, sum));
    }
    builder.closeRow(0);
  }
  return { system: builder.finish(), witness: vectorOf(values) };
}

import { add, multiply, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { type FieldVector, vectorOf } from '../../src/field/vector.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import type { System } from '../../src/r1cs/system.ts';
import { randomIntegers } from './points.ts';

/** A system with a witness that satisfies it; `rows` products of random sums over all wires before them. */
export function randomCircuit(
  seed: number,
  rows: number,
  publicInputs: number,
): { system: System; witness: FieldVector } {
  const random = randomIntegers(seed);
  const below = (bound: number) => Number(random() % BigInt(bound));
  const scalar = (): Scalar => {
    const kinds = [0n, 1n, -1n, BigInt(below(256)), -BigInt(below(65536)), random()];
    return toScalar(kinds[below(kinds.length)]);
  };
  const builder = createSystemBuilder({ outputs: 0, publicInputs, privateInputs: 2 });
  const values = [toScalar(1), ...Array.from({ length: publicInputs + 2 }, scalar)];
  for (let row = 0; row < rows; row++) {
    const sums = [builder.a, builder.b].map((side) => {
      let sum = toScalar(0);
      for (let terms = below(4); terms > 0; terms--) {
        const [wire, factor] = [below(values.length), scalar()];
        if (factor === 0n) continue;
        side.addScalar(wire, factor);
        sum = add(sum, multiply(factor, values[wire]));
      }
      return sum;
    });
    builder.c.add(builder.allocateWires(1, 0), 1);
    values.push(multiply(sums[0], sums[1]));
    builder.closeRow(0);
  }
  return { system: builder.finish(), witness: vectorOf(values) };
}

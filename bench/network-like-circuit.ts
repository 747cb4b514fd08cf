import { type Scalar, toScalar } from '../src/field/bn254.ts';
import { createSystemBuilder } from '../src/r1cs/builder.ts';
import type { System } from '../src/r1cs/system.ts';

/** At most 2^bits rows like a quantised network's: dot products, taken apart into bits, products with bits. */
export function networkLikeCircuit(bits: number): { readonly system: System; readonly values: readonly Scalar[] } {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 0, privateInputs: 64 });
  let seed = 12345;
  const draw = (bound: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(seed / 65536) % bound;
  };
  const values = [1, 0, ...Array.from({ length: 64 }, () => draw(255) - 127)];
  let recent = Array.from({ length: 64 }, (_, i) => i + 2);
  const allocate = (value: number) => {
    values.push(value);
    return builder.allocateWires(1, 0);
  };
  for (let rows = 0; rows + 26 < 2 ** bits; rows += 24) {
    const weights = recent.slice(0, 16).map((wire) => ({ wire, weight: draw(31) - 15 }));
    const sum = weights.reduce((total, { wire, weight }) => total + weight * values[wire], 0);
    const product = allocate(sum);
    for (const { wire, weight } of weights) if (weight !== 0) builder.a.add(wire, weight);
    builder.b.add(0, 1);
    builder.c.add(product, 1);
    builder.closeRow(0);
    const places = Array.from({ length: 20 }, (_, i) => allocate(((sum + OFFSET) >> i) & 1));
    for (const place of places) {
      builder.a.add(place, 1);
      builder.b.add(place, 1);
      builder.b.add(0, -1);
      builder.closeRow(0);
    }
    places.forEach((place, i) => {
      builder.a.add(place, 2 ** i);
    });
    builder.a.add(0, -OFFSET);
    builder.b.add(0, 1);
    builder.c.add(product, 1);
    builder.closeRow(0);
    const rectified = allocate(values[places[19]] * sum);
    builder.a.add(places[19], 1);
    builder.b.add(product, 1);
    builder.c.add(rectified, 1);
    builder.closeRow(0);
    const quotient = allocate((sum + OFFSET) >> 12);
    for (let i = 12; i < 20; i++) builder.a.add(places[i], 2 ** (i - 12));
    builder.b.add(0, 1);
    builder.c.add(quotient, 1);
    builder.closeRow(0);
    recent = [...recent.slice(1), quotient];
  }
  return { system: builder.finish(), values: values.map((value) => toScalar(value)) };
}

const OFFSET = 2 ** 19;

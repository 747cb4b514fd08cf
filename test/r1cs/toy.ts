import { type Scalar, toScalar } from '../../src/field/bn254.ts';
import { type FieldVector, vectorOf } from '../../src/field/vector.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import type { System } from '../../src/r1cs/system.ts';

/** out = x·y + 5·k and k public, x and y private: wires [1, out, k, x, y, p]. */
export function toySystem(): System {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 1, privateInputs: 2 });
  const [out, k, x, y] = [1, 2, 3, 4];
  const product = builder.addOrigin({ node: 'mul_1', op: 'Mul', gadget: 'product' });
  const p = builder.allocateWires(1, product);
  builder.a.add(x, 1);
  builder.b.add(y, 1);
  builder.c.add(p, 1);
  builder.closeRow(product);
  const sum = builder.addOrigin({ node: 'add_1', op: 'Add', gadget: 'sum' });
  builder.a.add(out, 1);
  builder.b.add(0, 1);
  builder.c.add(p, 1);
  builder.c.add(k, 5);
  builder.closeRow(sum);
  return builder.finish();
}

export function toyWitness(x: bigint, y: bigint, k: bigint): FieldVector {
  return vectorOf([1n, x * y + 5n * k, k, x, y, x * y].map((value): Scalar => toScalar(value)));
}

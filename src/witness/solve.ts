import { InternalError } from '../errors.ts';
import { multiply, type Scalar } from '../field/bn254.ts';
import type { FieldVector } from '../field/vector.ts';
import { BigScalars } from '../field/vector.ts';
import type { HintProgram } from '../r1cs/hints.ts';
import { derive } from './derive.ts';
import { place } from './place.ts';

/**
 * Solves the wires of a circuit from the integer interpreter's values. Runs over typed arrays; the only big numbers
 * are packed words, inverses, the binding and what commitments hash. One salt per hashed tensor, in the circuit's order.
 */
export function solve(
  program: HintProgram,
  values: readonly Float64Array[],
  binding: Scalar,
  salts: readonly Scalar[] = [],
): FieldVector {
  if (salts.length !== program.salts.length) {
    throw new InternalError(`${salts.length} salts for ${program.salts.length} hashed tensors`);
  }
  const entries = new Float64Array(program.wires);
  const big = new BigScalars();
  const columns = [...values];
  entries[0] = 1;
  for (const [i, wire] of program.salts.entries()) entries[wire] = big.entry(salts[i]);
  for (const hint of program.hints) {
    switch (hint.kind) {
      case 'copy':
      case 'bits':
      case 'inverse':
      case 'pack':
      case 'commit':
        place(hint, columns[hint.column], entries, big);
        break;
      default:
        columns.push(derive(hint, columns));
    }
  }
  entries[program.binding] = big.entry(binding);
  entries[program.bindingSquare] = big.entry(multiply(binding, binding));
  return { entries, big: big.values };
}

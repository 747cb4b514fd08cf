import { elementAt, type FieldVector } from '../../src/field/vector.ts';
import type { Circuit } from '../../src/r1cs/lower.ts';
import { publicCount, type System } from '../../src/r1cs/system.ts';
import { inverse, type Linear, mod, rowsOf } from './solver/linear.ts';

/**
 * The wires among `unknown` that rows leave loose to first order at a witness: columns of the Jacobian of a·b − c,
 * modulo r, that are no pivots of its elimination. None means that the witness is locally unique.
 */
export function looseWires(system: System, witness: readonly bigint[], unknown: readonly number[]): number[] {
  const wanted = new Set(unknown);
  const pivots = new Map<number, Map<number, bigint>>();
  for (const { a, b, c } of rowsOf(system)) {
    const gradient = new Map<number, bigint>();
    const add = ({ terms }: Linear, factor: bigint): void => {
      for (const [wire, coefficient] of terms) {
        if (wanted.has(wire)) gradient.set(wire, mod((gradient.get(wire) ?? 0n) + factor * coefficient));
      }
    };
    add(a, valueUnder(b, witness));
    add(b, valueUnder(a, witness));
    add(c, -1n);
    eliminate(gradient, pivots);
  }
  return unknown.filter((wire) => !pivots.has(wire));
}

/** The elements of a witness as numbers modulo r. */
export function allOf(witness: FieldVector): bigint[] {
  return Array.from(witness.entries, (_, wire): bigint => elementAt(witness, wire));
}

/** All wires but the binding, the elements of inputs and the salts: what a prover does not choose. */
export function unknownWires({ system, hints: { binding } }: Circuit): number[] {
  const signals = publicCount(system);
  return Array.from({ length: system.wires - 1 }, (_, i) => i + 1).filter(
    (wire) => wire !== binding && (wire <= signals || wire > signals + system.privateInputs),
  );
}

function valueUnder({ constant, terms }: Linear, witness: readonly bigint[]): bigint {
  let sum = constant;
  for (const [wire, coefficient] of terms) sum += coefficient * witness[wire];
  return mod(sum);
}

/** Subtracts pivot rows until the row starts a new column or vanishes. Pivots have their largest wire as column, 1 there. */
function eliminate(row: Map<number, bigint>, pivots: Map<number, Map<number, bigint>>): void {
  for (;;) {
    let column = -1;
    for (const [wire, value] of row) {
      if (value === 0n) row.delete(wire);
      else if (wire > column) column = wire;
    }
    if (column < 0) return;
    const lead = row.get(column) ?? 0n;
    const pivot = pivots.get(column);
    if (pivot === undefined) {
      const scale = inverse(lead);
      pivots.set(column, new Map([...row].map(([wire, value]) => [wire, mod(value * scale)])));
      return;
    }
    for (const [wire, value] of pivot) row.set(wire, mod((row.get(wire) ?? 0n) - lead * value));
  }
}

import { VouchError } from '../errors.ts';
import { multiply, type Scalar, toScalar, toSigned } from '../field/bn254.ts';
import { EXACT_LIMIT, elementAt, type FieldVector, resolve } from '../field/vector.ts';
import type { Matrix, Origin, System } from './system.ts';
import { originOfWire } from './system.ts';

/** A constraint that a witness breaks. */
export interface UnsatisfiedRow {
  readonly row: number;
  readonly origin: Origin;
  /** Values of the three sides; left · right differs from `c`. */
  readonly a: Scalar;
  readonly b: Scalar;
  readonly c: Scalar;
  /** The wires of the row, at most `MAX_LISTED`, with what they hold and where they come from. */
  readonly wires: readonly { readonly wire: number; readonly value: Scalar; readonly origin: Origin }[];
}

/**
 * The first row that the witness does not satisfy, or `undefined`. Exact: a row is decided in doubles
 * only where every sum is bounded by 2^53, else in the field. Wire 0 must hold 1.
 */
export function findUnsatisfied(system: System, witness: FieldVector): UnsatisfiedRow | undefined {
  if (witness.entries.length !== system.wires) throw new WitnessLengthError(system.wires, witness.entries.length);
  if (witness.entries[0] !== 1) throw new ConstantWireError(elementAt(witness, 0));
  for (let row = 0; row < system.rows; row++) {
    if (!holdsInDoubles(system, witness.entries, row) && !holdsInField(system, witness, row)) {
      return explainRow(system, witness, row);
    }
  }
  return undefined;
}

/** One paragraph for people: gadget, node, sides, wires and values. */
export function describeUnsatisfied({ row, origin, a, b, c, wires }: UnsatisfiedRow): string {
  const lines = wires.map(({ wire, value, origin }) => `  wire ${wire} = ${toSigned(value)} (${name(origin)})`);
  const sides = `(${toSigned(a)}) · (${toSigned(b)}) is not ${toSigned(c)}`;
  return [`Constraint ${row} of ${name(origin)} does not hold: ${sides}.`, ...lines].join('\n');
}

const MAX_LISTED = 12;

function name({ node, op, gadget }: Origin): string {
  return node === '' ? gadget : `${gadget} in ${op} "${node}"`;
}

/** True only if the row holds and every sum involved was exact. */
function holdsInDoubles({ a, b, c }: System, values: Float64Array, row: number): boolean {
  const left = exactSum(a, values, row);
  const right = exactSum(b, values, row);
  const product = left * right;
  return Math.abs(product) < EXACT_LIMIT && product === exactSum(c, values, row);
}

/** NaN when a partial sum may have been rounded; references are at least 2^53 and so always end here. */
function exactSum({ rowPtr, wire, coefficient }: Matrix, values: Float64Array, row: number): number {
  let sum = 0;
  let bound = 0;
  const end = rowPtr[row + 1];
  for (let i = rowPtr[row]; i < end; i++) {
    const term = coefficient[i] * values[wire[i]];
    sum += term;
    bound += Math.abs(term);
  }
  return bound < EXACT_LIMIT ? sum : Number.NaN;
}

function holdsInField(system: System, witness: FieldVector, row: number): boolean {
  const [a, b, c] = sidesInField(system, witness, row);
  return multiply(a, b) === c;
}

function sidesInField(system: System, witness: FieldVector, row: number): [Scalar, Scalar, Scalar] {
  const evaluate = ({ rowPtr, wire, coefficient }: Matrix): Scalar => {
    let sum = 0n;
    for (let i = rowPtr[row]; i < rowPtr[row + 1]; i++) {
      sum += resolve(coefficient[i], system.big) * elementAt(witness, wire[i]);
    }
    return toScalar(sum);
  };
  return [evaluate(system.a), evaluate(system.b), evaluate(system.c)];
}

function explainRow(system: System, witness: FieldVector, row: number): UnsatisfiedRow {
  const [a, b, c] = sidesInField(system, witness, row);
  const named = new Set<number>();
  for (const { rowPtr, wire } of [system.a, system.b, system.c]) {
    for (let i = rowPtr[row]; i < rowPtr[row + 1] && named.size < MAX_LISTED; i++) named.add(wire[i]);
  }
  named.delete(0);
  const wires = [...named].map((wire) => ({
    wire,
    value: elementAt(witness, wire),
    origin: originOfWire(system, wire),
  }));
  return { row, origin: system.origins[system.rowOrigin[row]], a, b, c, wires };
}

/** The witness belongs to another system. */
export class WitnessLengthError extends VouchError {
  override readonly name = 'R1cs.WitnessLengthError';

  constructor(expected: number, got: number) {
    super(`The witness has ${got} values, the system has ${expected} wires.`, {
      metaMessages: ['Solve the witness with the circuit it is checked against.'],
    });
  }
}

/** Wire 0 is the constant of all rows; the all-zero witness would satisfy them otherwise. */
export class ConstantWireError extends VouchError {
  override readonly name = 'R1cs.ConstantWireError';

  constructor(value: Scalar) {
    super(`Wire 0 of the witness must hold 1 and holds ${value}.`);
  }
}

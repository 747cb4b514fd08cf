import { expect } from 'vitest';
import { circomInput } from '../../src/circom/input.ts';
import { emitCircom } from '../../src/circom/program.ts';
import { type Scalar, toScalar, toSigned } from '../../src/field/bn254.ts';
import { elementAt, type FieldVector } from '../../src/field/vector.ts';
import { interpret } from '../../src/quant/interpret.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';
import type { Matrix, System } from '../../src/r1cs/system.ts';
import { solve } from '../../src/witness/solve.ts';
import { type Compiled, compileCircom } from './compiler.ts';

/** One quantised graph on both routes. */
export interface Routes {
  readonly graph: QGraph;
  readonly ours: Circuit;
  readonly circom: Compiled;
}

export function bothRoutes(graph: QGraph): Routes {
  const ranges = analyseRanges(graph);
  return { graph, ours: lower(graph, ranges), circom: compileCircom(emitCircom(graph, ranges)) };
}

/**
 * Rows that multiply two wires whose values are not fixed. The others are linear: names of expressions, which each route
 * gives where it likes and circom's --O2 removes, and what follows from constants alone, as in the first round of a
 * commitment.
 */
export function productRows({ a, b, c, rows, wires }: System): number {
  const fixed = new Uint8Array(wires);
  fixed[0] = 1;
  const open = ({ rowPtr, wire }: Matrix, row: number): Set<number> =>
    new Set(wire.subarray(rowPtr[row], rowPtr[row + 1]).filter((own) => fixed[own] === 0));
  for (let before = -1, found = 0; before < found; ) {
    before = found;
    for (let row = 0; row < rows; row++) {
      const [unknown, ...more] = open(c, row);
      if (unknown === undefined || more.length > 0 || open(a, row).size + open(b, row).size > 0) continue;
      fixed[unknown] = 1;
      found++;
    }
  }
  let count = 0;
  for (let row = 0; row < rows; row++) if (open(a, row).size > 0 && open(b, row).size > 0) count++;
  return count;
}

export const binding = toScalar(11);

/** Salts of hashed tensors, outputs before inputs. */
export const salts = [3n ** 155n, 5n ** 105n, 7n ** 88n].map((salt) => toScalar(salt));

/** Both routes accept an input, hold the interpreter's value in every element of every node, and publish the same. */
export async function expectSameWitness(
  { graph, ours, circom }: Routes,
  inputs: ReadonlyMap<string, Float64Array>,
  what: string,
): Promise<{ ours: FieldVector; circom: FieldVector }> {
  const values = interpret(graph, inputs);
  const own = solve(ours.hints, values, binding, salts.slice(0, ours.hints.salts.length));
  const other = await circom.solve(circomInput(graph, analyseRanges(graph), inputs, { binding, salts }));
  for (const [system, witness] of [
    [ours.system, own],
    [circom.system, other],
  ] as const) {
    const broken = findUnsatisfied(system, witness);
    expect(broken && describeUnsatisfied(broken), what).toBeUndefined();
  }
  expect(signalsOf(circom.system, other), `${what}: public signals`).toEqual(signalsOf(ours.system, own));
  for (const [id, value] of values.entries()) {
    const held = Array.from(value, (_, i) => heldBy(circom, other, `n${id}[${i}]`));
    expect(held, `${what}: n${id}, ${graph.nodes[id].kind}`).toEqual(Array.from(value, (v) => BigInt(v)));
  }
  return { ours: own, circom: other };
}

export function signalsOf({ outputs, publicInputs }: System, witness: FieldVector): Scalar[] {
  return Array.from({ length: outputs + publicInputs }, (_, i) => elementAt(witness, 1 + i));
}

function heldBy({ wires }: Compiled, witness: FieldVector, name: string): bigint | undefined {
  const wire = wires.get(name);
  return wire === undefined || wire < 0 ? undefined : toSigned(elementAt(witness, wire));
}

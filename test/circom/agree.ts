import { expect } from 'vitest';
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
 * Rows with a wire on both sides of the product. The others are linear: names of expressions, which each route gives
 * where it likes, and which circom's --O2 removes.
 */
export function productRows({ a, b, rows }: System): number {
  const varies = ({ rowPtr, wire }: Matrix, row: number): boolean =>
    wire.subarray(rowPtr[row], rowPtr[row + 1]).some((own) => own !== 0);
  let count = 0;
  for (let row = 0; row < rows; row++) if (varies(a, row) && varies(b, row)) count++;
  return count;
}

export const binding = 11n;

/** Inputs as circom's witness calculator takes them. */
export function circomInputs(
  graph: QGraph,
  inputs: ReadonlyMap<string, Float64Array>,
): Record<string, number[] | number> {
  const named = graph.nodes.flatMap((node, id) =>
    node.kind === 'input' ? [[`n${id}`, [...(inputs.get(node.name) ?? [])]] as const] : [],
  );
  return { ...Object.fromEntries(named), binding: Number(binding) };
}

/** Both routes accept an input, hold the interpreter's value in every element of every node, and publish the same. */
export async function expectSameWitness(
  { graph, ours, circom }: Routes,
  inputs: ReadonlyMap<string, Float64Array>,
  what: string,
): Promise<{ ours: FieldVector; circom: FieldVector }> {
  const values = interpret(graph, inputs);
  const own = solve(ours.hints, values, toScalar(binding));
  const other = await circom.solve(circomInputs(graph, inputs));
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

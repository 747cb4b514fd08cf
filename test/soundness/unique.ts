import { expect } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { elementAt } from '../../src/field/vector.ts';
import { interpret } from '../../src/quant/interpret.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';
import { solve } from '../../src/witness/solve.ts';
import { type SolveOptions, solveAll, type Verdict } from './solver/solutions.ts';

/** A circuit on one input, with the witness that an honest prover finds. */
export interface Run {
  readonly circuit: Circuit;
  readonly witness: readonly bigint[];
  /** Wires that are given: inputs and the binding. */
  readonly given: ReadonlyMap<number, bigint>;
}

export function run(graph: QGraph, inputs: ReadonlyMap<string, Float64Array>): Run {
  const circuit = lower(graph, analyseRanges(graph));
  return runCircuit(graph, circuit, inputs);
}

export function runCircuit(graph: QGraph, circuit: Circuit, inputs: ReadonlyMap<string, Float64Array>): Run {
  const solved = solve(circuit.hints, interpret(graph, inputs), toScalar(11n));
  const witness = Array.from({ length: circuit.system.wires }, (_, wire): bigint => elementAt(solved, wire));
  const { outputs, publicInputs, privateInputs } = circuit.system;
  const given = new Map<number, bigint>();
  for (let wire = outputs + 1; wire <= outputs + publicInputs + privateInputs; wire++) given.set(wire, witness[wire]);
  return { circuit, witness, given };
}

/** Every wire of a circuit is forced by its inputs: the search over the whole field finds the honest witness only. */
export function expectUnique({ circuit, witness, given }: Run, what: string): void {
  const verdict = solveAll(circuit.system, given);
  expect(describe(verdict, witness), what).toBe('the honest witness only');
}

/** No assignment of the other wires makes a lie about some wires hold. */
export function expectRejected(
  { circuit, witness, given }: Run,
  lies: ReadonlyMap<number, bigint>,
  what: string,
): void {
  const verdict = solveAll(circuit.system, new Map([...given, ...lies]));
  expect(describe(verdict, witness), what).toBe('no witness');
}

/** Whether leaving something out of the circuit lets a prover choose. */
export function isUnique({ circuit, witness, given }: Run, options: SolveOptions): boolean {
  return describe(solveAll(circuit.system, given, options), witness) === 'the honest witness only';
}

function describe(verdict: Verdict, witness: readonly bigint[]): string {
  if (verdict.kind !== 'solutions') return `${verdict.kind}, wire ${verdict.wire}`;
  const { solutions } = verdict;
  if (solutions.length === 0) return 'no witness';
  const honest = solutions.filter((solution) => solution.every((value, wire) => value === witness[wire])).length;
  const forged = solutions.find((solution) => solution.some((value, wire) => value !== witness[wire]));
  if (forged === undefined) return 'the honest witness only';
  const wire = forged.findIndex((value, at) => value !== witness[at]);
  return `${solutions.length} witnesses, ${honest} honest; wire ${wire} = ${forged[wire]} instead of ${witness[wire]}`;
}

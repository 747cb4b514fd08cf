import { VouchError } from '../../src/errors.ts';
import { type Scalar, toScalar } from '../../src/field/bn254.ts';
import { BigScalars, elementAt, type FieldVector } from '../../src/field/vector.ts';
import { interpretNode } from '../../src/quant/interpret.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { findUnsatisfied, type UnsatisfiedRow } from '../../src/r1cs/check.ts';
import type { Derivation, Hint, HintProgram, Placement } from '../../src/r1cs/hints.ts';
import type { Circuit } from '../../src/r1cs/lower.ts';
import { derive } from '../../src/witness/derive.ts';
import { solve } from '../../src/witness/solve.ts';

/**
 * A prover who lies about one value. Told about a node or a derived column, the lie is recomputed into everything that
 * depends on it, by the interpreter and by the hints themselves; told about a wire, everything else stays honest.
 */
export interface Subject {
  readonly graph: QGraph;
  readonly circuit: Circuit;
  /** Honest values: of the graph's nodes, then of every derivation. */
  readonly columns: readonly Float64Array[];
  readonly witness: FieldVector;
}

/** What became of a lie: no other witness at all, no witness that can be written down, or the row that objects. */
export type Verdict = 'no difference' | 'no witness' | UnsatisfiedRow | 'ACCEPTED';

const binding = toScalar(0xb1dn);

function solveFor(hints: HintProgram, values: readonly Float64Array[]): FieldVector {
  const salts = hints.salts.map((_, i) => toScalar(3n ** 150n + BigInt(i)));
  return solve(hints, values, binding, salts);
}

export function subjectOf(graph: QGraph, circuit: Circuit, values: readonly Float64Array[]): Subject {
  const columns = [...values];
  for (const hint of circuit.hints.hints) if (isDerivation(hint)) columns.push(derive(hint, columns));
  return { graph, circuit, columns, witness: solveFor(circuit.hints, values) };
}

export function isDerivation(hint: Hint): hint is Derivation {
  return !('first' in hint);
}

export function isPlacement(hint: Hint): hint is Placement {
  return 'first' in hint;
}

/** Element i of a node's value is `lie`; the nodes after it are computed from that. */
export function lieAboutNode(subject: Subject, id: number, element: number, lie: number): Verdict {
  const { graph, circuit, columns } = subject;
  const values = columns.slice(0, graph.nodes.length);
  values[id] = values[id].with(element, lie);
  for (let later = id + 1; later < values.length; later++) {
    const node = graph.nodes[later];
    if (node.kind === 'input' || !node.inputs.some((input) => values[input] !== columns[input])) continue;
    const operands = node.inputs.map((input) => values[input]);
    const value = attempt(() => interpretNode(node, operands));
    if (value === undefined) return 'no witness';
    if (value.some((v, i) => v !== values[later][i])) values[later] = value;
  }
  const solved = attempt(() => solveFor(circuit.hints, values));
  return judge(subject, solved);
}

/** Element i of a derivation's column is `lie`; the derivations after it are computed from that. */
export function lieAboutColumn(subject: Subject, hint: number, column: number, element: number, lie: number): Verdict {
  const { graph, circuit, columns } = subject;
  const constant = columns[column].with(element, lie);
  const forged: Derivation = { kind: 'combine', terms: [], constant, size: constant.length };
  const hints = circuit.hints.hints.with(hint, forged);
  const values = columns.slice(0, graph.nodes.length);
  const solved = attempt(() => solveFor({ ...circuit.hints, hints }, values));
  return judge(subject, solved);
}

/** One wire holds `lie`. */
export function lieAboutWire({ circuit, witness }: Subject, wire: number, lie: Scalar): Verdict {
  if (lie === elementAt(witness, wire)) return 'no difference';
  const big = new BigScalars();
  for (const value of witness.big) big.entry(value);
  const entries = witness.entries.with(wire, big.entry(lie));
  return findUnsatisfied(circuit.system, { entries, big: big.values }) ?? 'ACCEPTED';
}

function judge({ circuit, witness }: Subject, solved: FieldVector | undefined): Verdict {
  if (solved === undefined || solved.entries.some((entry) => !Number.isFinite(entry))) return 'no witness';
  const same = solved.entries.every(
    (entry, wire) => entry === witness.entries[wire] || elementAt(solved, wire) === elementAt(witness, wire),
  );
  if (same) return 'no difference';
  return findUnsatisfied(circuit.system, solved) ?? 'ACCEPTED';
}

/** Lies can lead where nothing is defined: ranges overflow, and what was looked up beyond a table is no integer. */
function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof VouchError || error instanceof RangeError) return undefined;
    throw error;
  }
}

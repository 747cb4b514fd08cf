import { VouchError } from '../../src/errors.ts';
import { type Scalar, toScalar } from '../../src/field/bn254.ts';
import { elementAt, type FieldVector } from '../../src/field/vector.ts';
import { predictTotal } from '../../src/quant/cost.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import type { QuantisedModel } from '../../src/quant/quantise.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';
import { findUntied } from '../../src/r1cs/untied.ts';
import { lieAboutNode, lieAboutWire, type Subject, subjectOf } from '../soundness/forge.ts';

const mostRows = 2_000_000;
/** Of each sort. */
const liesPerCase = 6;

/** The circuit of a quantised model; as many rows as predicted and no wire that nothing ties down. */
export function circuitOf({ graph, ranges }: QuantisedModel): Circuit | string {
  const predicted = predictTotal(graph, ranges);
  if (predicted > mostRows) throw new CircuitSizeError(predicted);
  const circuit = lower(graph, ranges);
  const { rows } = circuit.system;
  if (rows !== predicted) return `${rows} rows, predicted ${predicted}`;
  const untied = findUntied(circuit.system);
  return untied.length > 0 ? `${untied.length} wires are tied to nothing, first ${untied[0]}` : circuit;
}

/** Why the witness of some values is not as it should be: unsatisfied, publishing others, or not the only one. */
export function witnessFault(
  graph: QGraph,
  circuit: Circuit,
  values: readonly Float64Array[],
  seed: number,
): string | undefined {
  const subject = subjectOf(graph, circuit, values);
  const failure = findUnsatisfied(circuit.system, subject.witness);
  if (failure !== undefined) return describeUnsatisfied(failure);
  return misprint(circuit, subject.witness, values) ?? acceptedLie(subject, generator(seed));
}

/** A published integer that is not the interpreter's, bit for bit, or a lane beyond the last that is not empty. */
function misprint({ outputs }: Circuit, witness: FieldVector, values: readonly Float64Array[]): string | undefined {
  for (const { name, node, lo, laneBytes, lanes, signal, signals, size } of outputs) {
    const published = Array.from({ length: signals }, (_, s) => elementAt(witness, signal + s)).flatMap((word) =>
      unpack(word, lanes, laneBytes),
    );
    for (let i = 0; i < published.length; i++) {
      const expected = i < size ? BigInt(values[node][i]) - BigInt(lo) : 0n;
      if (published[i] !== expected)
        return `published ${name}[${i}] = ${published[i]}, the interpreter says ${expected}`;
    }
  }
  return undefined;
}

/** Lanes of a signal, first element most significant, in the top of 31 bytes. */
function unpack(signal: Scalar, lanes: number, laneBytes: number): bigint[] {
  return Array.from({ length: lanes }, (_, j) =>
    BigInt.asUintN(8 * laneBytes, signal >> BigInt(8 * laneBytes * (lanes - 1 - j))),
  );
}

/**
 * Lies at random about wires that are no inputs, all else honest, and about values of nodes, with everything that
 * depends on them recomputed; expects some row to object.
 */
function acceptedLie(subject: Subject, random: () => number): string | undefined {
  const { graph, circuit, columns, witness } = subject;
  const { outputs, publicInputs, privateInputs, wires } = circuit.system;
  const inner = wires - 1 - publicInputs - privateInputs;
  const below = (count: number): number => Math.floor(random() * count);
  for (let lie = 0; lie < liesPerCase && inner > 0; lie++) {
    const pick = 1 + below(inner);
    const wire = pick <= outputs ? pick : pick + publicInputs + privateInputs;
    const honest = elementAt(witness, wire);
    const forged = [honest + 1n, honest - 1n, -honest, honest + 2n ** 128n, 1n - honest][below(5)];
    if (lieAboutWire(subject, wire, toScalar(forged)) === 'ACCEPTED') {
      return `wire ${wire} may be ${forged} instead of ${honest}`;
    }
  }
  const computed = graph.nodes.flatMap(({ kind }, id) => (kind === 'input' || columns[id].length === 0 ? [] : [id]));
  for (let lie = 0; lie < liesPerCase && computed.length > 0; lie++) {
    const id = computed[below(computed.length)];
    const element = below(columns[id].length);
    const forged = columns[id][element] + [1, -1, 2][below(3)];
    if (lieAboutNode(subject, id, element, forged) === 'ACCEPTED') {
      return `element ${element} of node ${id} may be ${forged} instead of ${columns[id][element]}`;
    }
  }
  return undefined;
}

/** A small seeded generator, so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

class CircuitSizeError extends VouchError {
  override readonly name = 'CircuitSizeError';
  constructor(rows: number) {
    super(`the circuit of this case has ${rows} rows, more than the ${mostRows} that the runner builds`);
  }
}

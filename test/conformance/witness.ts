import { VouchError } from '../../src/errors.ts';
import { SCALAR_MODULUS, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { BigScalars, elementAt, type FieldVector } from '../../src/field/vector.ts';
import { predictTotal } from '../../src/quant/cost.ts';
import type { QuantisedModel } from '../../src/quant/quantise.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';
import { findUntied } from '../../src/r1cs/untied.ts';
import { solve } from '../../src/witness/solve.ts';

const mostRows = 2_000_000;
const liesPerCase = 8;

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
export function witnessFault(circuit: Circuit, values: readonly Float64Array[], seed: number): string | undefined {
  const random = generator(seed);
  const binding = toScalar(BigInt(Math.floor(random() * 2 ** 40)) ** 6n);
  const witness = solve(circuit.hints, values, binding);
  const failure = findUnsatisfied(circuit.system, witness);
  if (failure !== undefined) return describeUnsatisfied(failure);
  for (const { name, node, lo, laneBytes, lanes, signals, size } of circuit.outputs) {
    const first = firstSignal(circuit, node, name);
    const published = Array.from({ length: signals }, (_, s) => elementAt(witness, first + s)).flatMap((signal) =>
      unpack(signal, lanes, laneBytes),
    );
    for (let i = 0; i < size; i++) {
      if (published[i] + BigInt(lo) !== BigInt(values[node][i])) {
        return `published ${name}[${i}] = ${published[i] + BigInt(lo)}, the interpreter says ${values[node][i]}`;
      }
    }
  }
  return acceptedLie(circuit, witness, random);
}

/** Lanes of a signal, first element most significant, in the top of 31 bytes. */
function unpack(signal: Scalar, lanes: number, laneBytes: number): bigint[] {
  return Array.from({ length: lanes }, (_, j) =>
    BigInt.asUintN(8 * laneBytes, signal >> BigInt(8 * laneBytes * (lanes - 1 - j))),
  );
}

function firstSignal({ outputs }: Circuit, node: number, name: string): number {
  let first = 1;
  for (const output of outputs) {
    if (output.node === node && output.name === name) return first;
    first += output.signals;
  }
  return first;
}

/** Changes one wire that is no input, at random, and expects some row to object. */
function acceptedLie({ system }: Circuit, witness: FieldVector, random: () => number): string | undefined {
  const { outputs, publicInputs, privateInputs, wires } = system;
  const inner = wires - 1 - publicInputs - privateInputs;
  for (let lie = 0; lie < liesPerCase && inner > 0; lie++) {
    const pick = 1 + Math.floor(random() * inner);
    const wire = pick <= outputs ? pick : pick + publicInputs + privateInputs;
    const honest = elementAt(witness, wire);
    const forged = [honest + 1n, honest - 1n, -honest, honest + 2n ** 128n, 1n - honest][Math.floor(random() * 5)];
    if ((forged - honest) % SCALAR_MODULUS === 0n) continue;
    const big = new BigScalars();
    const entries = witness.entries.map((_, i) => big.entry(i === wire ? toScalar(forged) : elementAt(witness, i)));
    if (findUnsatisfied(system, { entries, big: big.values }) === undefined) {
      return `wire ${wire} may be ${forged} instead of ${honest}`;
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

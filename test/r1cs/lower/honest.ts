import { expect } from 'vitest';
import { toScalar } from '../../../src/field/bn254.ts';
import { elementAt } from '../../../src/field/vector.ts';
import { predictCosts, predictTotal } from '../../../src/quant/cost.ts';
import type { QGraph } from '../../../src/quant/qgraph.ts';
import { analyseRanges } from '../../../src/quant/ranges.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../../src/r1cs/check.ts';
import { lower } from '../../../src/r1cs/lower.ts';
import { findUntied } from '../../../src/r1cs/untied.ts';
import { solve } from '../../../src/witness/solve.ts';
import { someInputs, valuesFor } from './operand.ts';
import type { Random } from './random.ts';

/** Rows that the nodes themselves add, without what is published. */
export function rowsOfNodes(graph: QGraph): number {
  return predictCosts(graph, analyseRanges(graph)).reduce((sum, rows) => sum + rows, 0);
}

/**
 * The circuit of a graph has the predicted rows and no untied wire; its honest witness satisfies it for inputs inside
 * and at the ends of their bounds, and publishes what the interpreter computes.
 */
export function expectHonest(graph: QGraph, random: Random, what: string): void {
  const ranges = analyseRanges(graph);
  const circuit = lower(graph, ranges);
  expect(circuit.system.rows, `${what}: rows`).toBe(predictTotal(graph, ranges));
  expect(findUntied(circuit.system), `${what}: untied wires`).toEqual([]);
  for (const where of ['lowest', 'highest', 'corners', 'anywhere', 'anywhere'] as const) {
    const values = valuesFor(graph, someInputs(graph, ranges, random, where));
    if (values === undefined) continue;
    for (const [id, value] of values.entries()) {
      const { lo, hi } = ranges[id];
      const outside = value.findIndex((v, i) => !(v >= lo[i] && v <= hi[i]));
      expect(outside, `${what}, ${where}: node ${id} ${graph.nodes[id].kind} leaves its bounds`).toBe(-1);
    }
    const witness = solve(circuit.hints, values, toScalar(7n));
    const failure = findUnsatisfied(circuit.system, witness);
    expect(failure && describeUnsatisfied(failure), `${what}, ${where}`).toBeUndefined();
    let signal = 1;
    for (const { node, lo, laneBytes, lanes, signals, size } of circuit.outputs) {
      const lane = 8n * BigInt(laneBytes);
      const published = Array.from({ length: size }, (_, i) => {
        const value = elementAt(witness, signal + Math.floor(i / lanes));
        return Number(BigInt.asUintN(Number(lane), value >> (lane * BigInt(lanes - 1 - (i % lanes))))) + lo;
      });
      expect(published, `${what}, ${where}: published`).toEqual(Array.from(values[node], (v) => v + 0));
      signal += signals;
    }
  }
}

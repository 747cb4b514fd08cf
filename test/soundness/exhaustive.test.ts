import { describe, expect, test } from 'vitest';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import type { System } from '../../src/r1cs/system.ts';
import { rowsOfNodes } from '../r1cs/lower/honest.ts';
import { isInput, valuesFor } from '../r1cs/lower/operand.ts';
import { smallGadgets } from './small-gadgets.ts';
import { expectUnique, isUnique, type Run, runCircuit } from './unique.ts';

/** Every input of a graph. */
function* allInputs(graph: QGraph): Generator<Map<string, Float64Array>> {
  const inputs = graph.nodes.filter(isInput);
  const places = inputs.flatMap(({ name, lo, bits, shape }) =>
    Array.from({ length: shape[0] }, (_, i) => ({ name, i, lo, count: 2 ** bits })),
  );
  const total = places.reduce((product, { count }) => product * count, 1);
  for (let at = 0; at < total; at++) {
    const chosen = new Map(inputs.map(({ name, shape }) => [name, new Float64Array(shape[0])]));
    let rest = at;
    for (const { name, i, lo, count } of places) {
      const values = chosen.get(name);
      if (values !== undefined) values[i] = lo + (rest % count);
      rest = Math.floor(rest / count);
    }
    yield chosen;
  }
}

/** Inputs that the enforced width of some node refuses have no witness to look at. */
function runsOf(graph: QGraph): Run[] {
  const circuit = lower(graph, analyseRanges(graph));
  const runs: Run[] = [];
  for (const inputs of allInputs(graph)) {
    if (valuesFor(graph, inputs) !== undefined) runs.push(runCircuit(graph, circuit, inputs));
  }
  return runs;
}

describe.each(smallGadgets)('$name', ({ graph, rows, spare }) => {
  const runs = runsOf(graph);
  const { system } = runs[0].circuit;

  test('has the rows that were counted before', () => {
    expect(gadgetRows(graph)).toBe(rows);
  });

  test('every input forces every wire', () => {
    for (const own of runs) expectUnique(own, JSON.stringify([...own.given.values()].map(String)));
  });

  test('no row can be left out', () => {
    const needless: string[] = [];
    for (let row = 0; row < system.rows; row++) {
      if (!namesOtherWires(system, row, runs[0].given)) continue;
      const { gadget } = system.origins[system.rowOrigin[row]];
      if (runs.every((own) => isUnique(own, { without: row, most: 1 }))) needless.push(`row ${row} of ${gadget}`);
    }
    expect(needless.length, needless.join(', ')).toBe(spare);
  });
});

/** Rows about given wires alone, such as the check of an input of one bit, leave a prover nothing to choose. */
function namesOtherWires({ a, b, c }: System, row: number, given: ReadonlyMap<number, bigint>): boolean {
  return [a, b, c].some(({ rowPtr, wire }) =>
    wire.subarray(rowPtr[row], rowPtr[row + 1]).some((own) => own !== 0 && !given.has(own)),
  );
}

function gadgetRows(graph: QGraph): number {
  return (
    rowsOfNodes({ ...graph, outputs: [] }) -
    graph.nodes.filter(isInput).reduce((sum, node) => sum + node.bits * node.shape[0], 0)
  );
}

import { describe, expect, test } from 'vitest';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { rowsOfNodes } from '../r1cs/lower/honest.ts';
import { isInput } from '../r1cs/lower/operand.ts';
import { runsOf } from './every-input.ts';
import { smallGadgets } from './small-gadgets.ts';
import { expectUnique } from './unique.ts';

describe.each(smallGadgets)('$name', ({ graph, rows }) => {
  const runs = runsOf(graph);

  test('has the rows that were counted before', () => {
    expect(gadgetRows(graph)).toBe(rows);
  });

  test('every input forces every wire', () => {
    for (const own of runs) expectUnique(own, JSON.stringify([...own.given.values()].map(String)));
  });
});

function gadgetRows(graph: QGraph): number {
  return (
    rowsOfNodes({ ...graph, outputs: [] }) -
    graph.nodes.filter(isInput).reduce((sum, node) => sum + node.bits * node.shape[0], 0)
  );
}

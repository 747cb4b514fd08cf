import { describe, expect, test } from 'vitest';
import { emitCircom } from '../../src/circom/program.ts';
import { interpret, RangeOverflowError } from '../../src/quant/interpret.ts';
import type { QGraph, QKind } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { graphOf, makeNode } from '../r1cs/lower/node-under-test.ts';
import { someInputs } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { bothRoutes, expectSameWitness, productRows, type Routes } from './agree.ts';
import { compileCircom } from './compiler.ts';

describe.each(Object.keys(makeNode) as QKind[])('%s', (kind) => {
  test.each([
    ['small', 6],
    ['wide', 20],
  ] as const)('random %s ones are the same on both routes', async (_size, bits) => {
    for (let seed = 0; seed < 8; seed++) {
      const random = new Random(2000 * bits + seed);
      const graph = graphOf(kind, random, { bits, elements: 3 });
      const routes = bothRoutes(graph);
      const what = `${kind}, seed ${seed}`;
      expect(reducedRows(routes), what).toBe(productRows(routes.ours.system));
      for (const where of ['lowest', 'highest', 'anywhere'] as const) {
        const inputs = someInputs(graph, analyseRanges(graph), random, where);
        if (isProvable(graph, inputs)) await expectSameWitness(routes, inputs, what);
      }
    }
  });
});

/** A number that only several linear rows together fix is seen by circom's elimination alone. */
function reducedRows({ graph, ours, circom }: Routes): number {
  const plain = productRows(circom.system);
  if (plain === productRows(ours.system)) return plain;
  return compileCircom(emitCircom(graph, analyseRanges(graph)), 'O2').system.rows;
}

function isProvable(graph: QGraph, inputs: ReadonlyMap<string, Float64Array>): boolean {
  try {
    interpret(graph, inputs);
    return true;
  } catch (error) {
    if (error instanceof RangeOverflowError) return false;
    throw error;
  }
}

import { describe, test } from 'vitest';
import type { QKind } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { graphOf, makeNode } from '../r1cs/lower/node-under-test.ts';
import { someInputs, valuesFor } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { thorough } from './thorough.ts';
import { expectUnique, runCircuit } from './unique.ts';

const seeds = thorough ? 30 : 10;

describe.each(Object.keys(makeNode) as QKind[])('%s', (kind) => {
  test.each([
    ['small', 3],
    ['real', 14],
  ] as const)('%s widths: inputs force every wire', (_, bits) => {
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(77_000 + 100 * bits + seed);
      const graph = graphOf(kind, random, { bits, elements: 2 });
      const ranges = analyseRanges(graph);
      const circuit = lower(graph, ranges);
      for (const where of ['corners', 'anywhere'] as const) {
        const inputs = someInputs(graph, ranges, random, where);
        if (valuesFor(graph, inputs) === undefined) continue;
        expectUnique(runCircuit(graph, circuit, inputs), `${kind}, ${bits} bits, seed ${seed}, ${where}`);
      }
    }
  });
});

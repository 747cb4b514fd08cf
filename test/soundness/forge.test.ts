import { describe, expect, test } from 'vitest';
import { interpret } from '../../src/quant/interpret.ts';
import type { QKind } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lowerings } from '../../src/r1cs/lower/table.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { graphOf, makeNode } from '../r1cs/lower/node-under-test.ts';
import { someInputs, valuesFor } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { subjectOf } from './forge.ts';
import { declaredHints, type Tally, tellLies } from './liar.ts';
import { thorough } from './thorough.ts';
import { visibleGraph } from './visible.ts';

const tally: Tally = new Map();
const rounds = thorough ? 3 : 1;

describe.each(Object.keys(makeNode) as QKind[])('%s', (kind) => {
  test.each([
    ['small', 4, 8 * rounds],
    ['real', 16, 5 * rounds],
  ] as const)('%s widths: no lie is accepted, however well it is covered up', (_, bits, seeds) => {
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(31_000 + 100 * bits + seed);
      const graph = graphOf(kind, random, { bits, elements: 3 });
      const ranges = analyseRanges(graph);
      const circuit = lower(graph, ranges);
      for (const where of ['corners', 'anywhere'] as const) {
        const values = valuesFor(graph, someInputs(graph, ranges, random, where));
        if (values === undefined) continue;
        const what = `${kind}, ${bits} bits, seed ${seed}, ${where}`;
        tellLies(subjectOf(graph, circuit, values), tally, { random, elements: 3, wires: 6, what });
      }
    }
  });
});

test('signals, commitments and what they stand for cannot be changed one without the other', () => {
  const graph = visibleGraph();
  const ranges = analyseRanges(graph);
  const circuit = lower(graph, ranges);
  const random = new Random(9);
  const values = interpret(graph, someInputs(graph, ranges, random, 'anywhere'));
  const what = 'visibilities';
  tellLies(subjectOf(graph, circuit, values), tally, { random, elements: 3, wires: 60, what });
});

test('lies were told about every kind of hint and of node', () => {
  expect(declaredHints().filter((kind) => (tally.get(kind) ?? 0) < 20)).toEqual([]);
  const nodes = Object.keys(lowerings).filter((kind) => kind !== 'input');
  expect(nodes.filter((kind) => (tally.get(`node ${kind}`) ?? 0) < 20)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { createGraphBuilder, type GraphBuilder, type ValueId } from '../../../src/graph/builder.ts';
import { add, multiply, retype } from '../../../src/graph/compose/arithmetic.ts';
import { concat, constant, slice, transpose } from '../../../src/graph/compose/movement.ts';
import { evaluate } from '../../../src/graph/evaluate.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { foldTree } from '../../../src/graph/passes/fold-tree.ts';
import { removeDead } from '../../../src/graph/passes/remove-dead.ts';
import { simplify } from '../../../src/graph/passes/simplify.ts';
import type { TreeEnsemble } from '../../../src/graph/tree.ts';
import { fc } from '../../property.ts';
import { ensembles } from '../../random-trees.ts';

const rows = 2;
const features = 3;
const shape = { trees: 2, depth: 3, features, targets: 2 };
const order = ['le', 'lt', 'ge', 'gt'] as const;

function graphOf(
  ensemble: TreeEnsemble,
  prepare: (b: GraphBuilder, x: ValueId) => ValueId,
  dtype = 'float32' as const,
): Graph {
  const b = createGraphBuilder();
  const x = b.push({ kind: 'input', inputs: [], shape: [rows, features], dtype, name: 'x' });
  const table = prepare(b, x);
  const gather = Int32Array.from({ length: rows * features }, (_, i) => i);
  const y = { kind: 'tree' as const, inputs: [table], shape: [rows, 2], dtype: 'float32' as const };
  return b.finish([{ name: 'y', node: b.push({ ...y, rows, features, gather, ensemble }) }]);
}

const kinds = (graph: Graph): string[] => graph.nodes.map(({ kind }) => kind);

const float = fc.float({ min: Math.fround(-100), max: Math.fround(100), noNaN: true });
const table = fc.array(fc.oneof(float, fc.integer({ min: -5, max: 5 })), { minLength: 6, maxLength: 6 });

function samePredictions(before: Graph, after: Graph, values: readonly number[]): void {
  const input = new Map([['x', Float64Array.from(values, Math.fround)]]);
  expect(evaluate(after, input).get('y')).toEqual(evaluate(before, input).get('y'));
}

describe('fold-tree', () => {
  test('reads through slices, joins and transpositions', () => {
    const moved = (b: GraphBuilder, x: ValueId): ValueId => {
      const columns = [2, 0, 1].map((c) => slice(b, x, 1, c, 1));
      return transpose(b, transpose(b, concat(b, columns, 1), [1, 0]), [1, 0]);
    };
    fc.assert(
      fc.property(ensembles(shape, float), table, (ensemble, values) => {
        const graph = graphOf(ensemble, moved);
        const folded = removeDead(foldTree(graph));
        expect(kinds(folded)).toEqual(['input', 'tree']);
        samePredictions(graph, folded, values);
      }),
    );
  });

  test('moves scales and offsets into the thresholds, to the last bit', () => {
    const scales = fc.array(
      fc.float({ min: -8, max: 8, noNaN: true }).filter((s) => s !== 0),
      { minLength: 3, maxLength: 3 },
    );
    const offsets = fc.array(float, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(ensembles(shape, float, order), scales, offsets, table, (ensemble, scale, offset, values) => {
        const graph = graphOf(ensemble, (b, x) => {
          const shifted = add(b, x, constant(b, [1, features], Float64Array.from(offset), 'float32'));
          return multiply(b, shifted, constant(b, [1, features], Float64Array.from(scale), 'float32'));
        });
        const folded = removeDead(foldTree(graph));
        expect(kinds(folded)).toEqual(['input', 'tree']);
        samePredictions(graph, folded, values);
        // On the edge: the values a threshold becomes, and their neighbours.
        for (const node of folded.nodes) {
          if (node.kind !== 'tree') continue;
          for (const t of node.ensemble.threshold) {
            if (!Number.isFinite(t)) continue;
            for (const near of [t, t * (1 + 2 ** -23), t * (1 - 2 ** -23)]) {
              samePredictions(graph, folded, new Array<number>(6).fill(near));
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('leaves equalities behind a scale, and what mixes features, alone', () => {
    const [ensemble] = fc.sample(ensembles(shape, fc.constant(1), ['eq']), 1);
    const scaled = graphOf(ensemble, (b, x) =>
      multiply(b, x, constant(b, [1, 3], Float64Array.of(2, 3, 4), 'float32')),
    );
    expect(kinds(foldTree(scaled))).toEqual(kinds(scaled));
    const [ordered] = fc.sample(ensembles(shape, float, order), 1);
    const mixed = graphOf(ordered, (b, x) => add(b, x, transpose(b, slice(b, x, 1, 0, 1), [0, 1])));
    expect(kinds(removeDead(foldTree(mixed)))).toContain('add');
  });

  test('drops casts of whole numbers', () => {
    const [ensemble] = fc.sample(ensembles(shape, float), 1);
    const b = createGraphBuilder();
    const x = b.push({ kind: 'input', inputs: [], shape: [rows, features], dtype: 'int64', name: 'x' });
    const gather = Int32Array.from({ length: 6 }, (_, i) => i);
    const y = { kind: 'tree' as const, inputs: [retype(b, x, 'float32')], shape: [rows, 2], dtype: 'float32' as const };
    const graph = b.finish([{ name: 'y', node: b.push({ ...y, rows, features, gather, ensemble }) }]);
    const folded = simplify(graph);
    expect(kinds(folded)).toEqual(['input', 'tree']);
    samePredictions(graph, folded, [3, -1, 7, 2 ** 24 + 1, 0, 5]);
  });
});

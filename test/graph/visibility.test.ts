import { expect, test } from 'vitest';
import { createGraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { printGraph } from '../../src/graph/print.ts';
import { withVisibility } from '../../src/graph/visibility.ts';
import { goalOf } from '../../src/quant/goal.ts';

/** Two rows of three, negated, and their sum with themselves. */
function negated() {
  const b = createGraphBuilder();
  b.from({ node: 'neg', op: 'Neg' });
  const shape = [2, 3];
  const x = b.push({ kind: 'input', inputs: [], shape, dtype: 'float32', name: 'x' });
  const y = b.push({ kind: 'add', inputs: [x], shape, dtype: 'float32', coefficients: [-1] });
  const z = b.push({ kind: 'add', inputs: [y, y], shape, dtype: 'float32', coefficients: [1, 1] });
  return b.finish([
    { name: 'y', node: y },
    { name: 'z', node: z },
  ]);
}

test('an argmax output is a node of its own, named after the output, with the last axis gone', () => {
  const graph = withVisibility(negated(), {
    inputs: new Map([['x', 'hashed']]),
    outputs: new Map([
      ['y', 'argmax'],
      ['z', 'hashed'],
    ]),
  });
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "%0 = input() {x} : float32[2,3]  # Neg neg
    %1 = add(%0) {-1} : float32[2,3]  # Neg neg
    %2 = add(%1, %1) {1, 1} : float32[2,3]  # Neg neg
    %3 = argmax(%1) {rows 2, first} : int64[2]  # ArgMax y
    return %3 as "y", %2 as "z""
  `);
  expect(graph.outputs).toEqual([
    { name: 'y', node: 3, visibility: 'argmax' },
    { name: 'z', node: 2, visibility: 'hashed' },
  ]);
  expect(graph.nodes[0]).toMatchObject({ name: 'x', visibility: 'hashed' });
  const values: Float64Array[] = [];
  evaluate(graph, new Map([['x', Float64Array.of(3, -1, -1, 0, 0, 0)]]), (id, value) => {
    values[id] = value;
  });
  expect(values[3], 'the first of equals').toEqual(Float64Array.of(1, 0));
});

test('where nothing is said, the graph stays as it is', () => {
  const graph = negated();
  expect(withVisibility(graph, {})).toEqual(graph);
});

test('the goal of a search is the index that is published', () => {
  const graph = withVisibility(negated(), { outputs: new Map([['z', 'argmax']]) });
  expect(goalOf(graph, { agreement: 0.99 })).toEqual({ agreement: { output: 1, classes: 3, target: 0.99 } });
  expect(goalOf(negated())).toEqual({ closeness: 0.01 });
});

import { expect, test } from 'vitest';
import { createGraphBuilder } from '../../src/graph/builder.ts';
import { add, multiply, relu } from '../../src/graph/compose/arithmetic.ts';
import { linearRows, maxOver } from '../../src/graph/compose/linear.ts';
import { constant, move, reshape, transpose } from '../../src/graph/compose/movement.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { foldAffine } from '../../src/graph/passes/fold-affine.ts';
import { fuseMaps } from '../../src/graph/passes/fuse-maps.ts';
import { reluAfterMax } from '../../src/graph/passes/relu-after-max.ts';
import { removeDead } from '../../src/graph/passes/remove-dead.ts';
import { printGraph } from '../../src/graph/print.ts';

type Builder = ReturnType<typeof createGraphBuilder>;

function build(shape: readonly number[], grow: (b: Builder, x: number) => number): Graph {
  const b = createGraphBuilder();
  const x = b.push({ kind: 'input', inputs: [], shape, dtype: 'float32', name: 'x' });
  return b.finish([{ name: 'y', node: grow(b, x) }]);
}

/** Both graphs give the same values on a few inputs. */
function expectSame(before: Graph, after: Graph, size: number): void {
  for (const seed of [1, 2, 3]) {
    const x = Float64Array.from({ length: size }, (_, i) => Math.sin(seed * (i + 1) * 1.7));
    const inputs = new Map([['x', x]]);
    const want = [...(evaluate(before, inputs).get('y') ?? [])];
    const got = [...(evaluate(after, inputs).get('y') ?? [])];
    expect(got.length).toBe(want.length);
    for (const [i, v] of got.entries()) expect(v).toBeCloseTo(want[i], 12);
  }
}

const numbers = (...values: number[]): Float64Array => Float64Array.from(values);

test('a map of a map is one map, and an affine map reads through it', () => {
  const graph = build([2, 3], (b, x) => {
    const turned = reshape(b, transpose(b, x, [1, 0]), [1, 6]);
    return linearRows(b, { x: turned, rows: 1, depth: 6, outs: 1, weight: numbers(1, 2, 3, 4, 5, 6) });
  });
  const fused = removeDead(fuseMaps(graph));
  expectSame(graph, fused, 6);
  expect(printGraph(fused)).toMatchInlineSnapshot(`
    "%0 = input() {x} : float32[2,3]
    %1 = affine(%0) {groups 1, outs 1, positions 1, depth 6} : float32[1,1]
    return %1 as "y""
  `);
});

/** The largest of each pair of x padded in front with `fill`. */
const paddedPairs = (fill: number): Graph =>
  build([3], (b, x) => {
    const padded = move(b, [x], [4], Int32Array.of(-1, 0, 1, 2), fill);
    return maxOver(b, reshape(b, padded, [2, 2]), [1]);
  });

test('a maximum skips padding with −∞ or the least float, and no other', () => {
  for (const fill of [Number.NEGATIVE_INFINITY, -3.4028234663852886e38]) {
    const graph = paddedPairs(fill);
    const fused = removeDead(fuseMaps(graph));
    expectSame(graph, fused, 3);
    expect(fused.nodes.map(({ kind }) => kind)).toEqual(['input', 'max']);
  }
  const graph = paddedPairs(-1e38);
  const kept = removeDead(fuseMaps(graph));
  expectSame(graph, kept, 3);
  expect(kept.nodes.map(({ kind }) => kind)).toEqual(['input', 'map', 'max']);
});

test('a maximum over nothing but padding keeps it', () => {
  const graph = build([2], (b, x) => {
    const padded = move(b, [x], [2, 2], Int32Array.of(-1, -1, 0, 1), Number.NEGATIVE_INFINITY);
    return maxOver(b, padded, [1]);
  });
  expect(removeDead(fuseMaps(graph)).nodes.map(({ kind }) => kind)).toEqual(['input', 'map', 'max']);
});

test('batch normalisation disappears into the affine map before it', () => {
  const graph = build([1, 2], (b, x) => {
    const y = linearRows(b, { x, rows: 1, depth: 2, outs: 2, weight: numbers(1, 2, 3, 4), bias: numbers(1, 1) });
    const scaled = multiply(b, y, constant(b, [1, 2], numbers(2, -3), 'float32'));
    return add(b, scaled, constant(b, [1, 2], numbers(0.5, 0.25), 'float32'));
  });
  const folded = removeDead(foldAffine(removeDead(fuseMaps(graph))));
  const again = removeDead(foldAffine(folded));
  expectSame(graph, again, 2);
  expect(printGraph(again)).toMatchInlineSnapshot(`
    "%0 = input() {x} : float32[1,2]
    %1 = affine(%0) {groups 1, outs 2, positions 1, depth 2} : float32[1,2]
    return %1 as "y""
  `);
});

test('feature scaling disappears into the affine map after it', () => {
  const graph = build([1, 2], (b, x) => {
    const centred = add(b, x, constant(b, [1, 2], numbers(-1, 4), 'float32'));
    const scaled = multiply(b, centred, constant(b, [1, 2], numbers(0.1, 10), 'float32'));
    return linearRows(b, { x: scaled, rows: 1, depth: 2, outs: 2, weight: numbers(1, 2, 3, 4) });
  });
  const folded = removeDead(foldAffine(removeDead(fuseMaps(graph))));
  expectSame(graph, folded, 2);
});

test('a shared affine map is not folded into one of its readers', () => {
  const graph = build([1, 2], (b, x) => {
    const y = linearRows(b, { x, rows: 1, depth: 2, outs: 2, weight: numbers(1, 2, 3, 4) });
    const scaled = multiply(b, y, constant(b, [1, 2], numbers(2, -3), 'float32'));
    return add(b, scaled, y);
  });
  const folded = removeDead(foldAffine(removeDead(fuseMaps(graph))));
  expectSame(graph, folded, 2);
});

test('max-pool moves before ReLU, so that each window is requantised once', () => {
  const graph = build([2, 4], (b, x) => maxOver(b, relu(b, x), [1]));
  const moved = removeDead(reluAfterMax(graph));
  expectSame(graph, moved, 8);
  expect(moved.nodes.map(({ kind }) => kind)).toEqual(['input', 'max', 'relu']);
});

test('a ReLU that something else reads stays where it is', () => {
  const graph = build([2, 2], (b, x) => {
    const positive = relu(b, x);
    return add(b, reshape(b, maxOver(b, positive, [1]), [2, 1]), positive);
  });
  expectSame(graph, removeDead(reluAfterMax(graph)), 4);
});

test('inputs stay even when nothing reads them', () => {
  const graph = build([2], (b) => constant(b, [1], numbers(7), 'float32'));
  expect(removeDead(graph).nodes.map(({ kind }) => kind)).toEqual(['input', 'const']);
});

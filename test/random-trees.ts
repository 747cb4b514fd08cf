import type { TreeEnsemble, TreeTest } from '../src/graph/tree.ts';
import { fc } from './property.ts';

const tests: readonly TreeTest[] = ['le', 'lt', 'ge', 'gt', 'eq', 'ne'];

interface Shape {
  readonly trees: number;
  readonly depth: number;
  readonly features: number;
  readonly targets: number;
}

/** Full trees of one depth in heap order, so that the children of node i of a tree are 2i + 1 and 2i + 2. */
export function ensembles(
  { trees, depth, features, targets }: Shape,
  thresholds: fc.Arbitrary<number>,
  kinds: readonly TreeTest[] = tests,
): fc.Arbitrary<TreeEnsemble> {
  const perTree = 2 ** (depth + 1) - 1;
  const size = trees * perTree;
  const isLeaf = (node: number): boolean => node % perTree >= 2 ** depth - 1;
  const list = <T>(item: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
    fc.array(item, { minLength: length, maxLength: length });
  return fc
    .record({
      feature: list(fc.integer({ min: 0, max: features - 1 }), size),
      threshold: list(thresholds, size),
      test: list(fc.constantFrom(...kinds), size),
      weight: list(fc.double({ min: -3, max: 3, noNaN: true }), size),
      target: list(fc.integer({ min: 0, max: targets - 1 }), size),
      base: list(fc.double({ min: -1, max: 1, noNaN: true }), targets),
    })
    .map(({ feature, threshold, test, weight, target, base }) => {
      const nodes = Array.from({ length: size }, (_, node) => node);
      const leaves = nodes.filter(isLeaf);
      const child = (node: number, side: number): number =>
        isLeaf(node) ? -1 : node - (node % perTree) + 2 * (node % perTree) + side;
      const leafStart = new Int32Array(size + 1);
      for (const node of nodes) leafStart[node + 1] = leafStart[node] + (isLeaf(node) ? 1 : 0);
      return {
        roots: Int32Array.from({ length: trees }, (_, t) => t * perTree),
        feature: Int32Array.from(feature),
        threshold: Float64Array.from(threshold),
        test,
        left: Int32Array.from(nodes, (node) => child(node, 1)),
        right: Int32Array.from(nodes, (node) => child(node, 2)),
        leafStart,
        leafTarget: Int32Array.from(leaves, (node) => target[node]),
        leafWeight: Float64Array.from(leaves, (node) => weight[node]),
        targets,
        base: Float64Array.from(base),
        single: true,
      };
    });
}

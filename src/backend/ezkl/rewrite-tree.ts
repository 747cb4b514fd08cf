import type { TreeNode } from '../../graph/graph.ts';
import type { TreeEnsemble } from '../../graph/tree.ts';
import type { OnnxWriter, Written } from './onnx-writer.ts';
import { CannotRewriteError } from './rewrite-error.ts';

/** One tree as matrices: which tests lie on the way to each leaf, and which way each must go. */
interface FlatTree {
  readonly inner: readonly number[];
  readonly leaves: readonly { readonly leaf: number; readonly way: readonly Turn[] }[];
}

interface Turn {
  readonly node: number;
  readonly left: boolean;
}

/**
 * Trees as matrix products: every test gives 0 or 1; of each leaf, the tests that agree with the way to it are counted,
 * and the leaf is the sample's when all of them do. All trees are padded to the same size, as one batch.
 */
export function rewriteTree(w: OnnxWriter, { rows, features, gather, ensemble }: TreeNode, flat: Written): Written {
  const trees = [...ensemble.roots].map((root) => flatten(ensemble, root));
  const [tests, leaves] = [
    Math.max(1, ...trees.map(({ inner }) => inner.length)),
    Math.max(...trees.map((tree) => tree.leaves.length)),
  ];
  const size = trees.length * tests;
  const places = new Int32Array(rows * size);
  const thresholds = new Float64Array(size);
  const ways = new Float64Array(trees.length * leaves * tests);
  // A leaf that only pads never counts enough.
  const offsets = new Float64Array(trees.length * leaves).fill(-1);
  const weights = new Float64Array(trees.length * leaves * ensemble.targets);
  for (const [t, tree] of trees.entries()) {
    for (const [i, node] of tree.inner.entries()) {
      thresholds[t * tests + i] = ensemble.threshold[node];
      for (let r = 0; r < rows; r++) {
        places[r * size + t * tests + i] = gather[r * features + ensemble.feature[node]];
      }
    }
    for (const [l, { leaf, way }] of tree.leaves.entries()) {
      const row = t * leaves + l;
      for (const { node, left } of way) ways[row * tests + tree.inner.indexOf(node)] = left ? 1 : -1;
      offsets[row] = way.filter(({ left }) => !left).length - (way.length - 1);
      for (let j = ensemble.leafStart[leaf]; j < ensemble.leafStart[leaf + 1]; j++) {
        weights[row * ensemble.targets + ensemble.leafTarget[j]] += ensemble.leafWeight[j];
      }
    }
  }
  const values = w.gather(flat, places, [rows, size]);
  const passed = w.reshape(testedLeft(w, ensemble, values, w.constant(thresholds, [1, size])), [
    rows,
    trees.length,
    tests,
    1,
  ]);
  const agreeing = w.node(
    'MatMul',
    [w.constant(ways, [1, trees.length, leaves, tests]), passed],
    [rows, trees.length, leaves, 1],
  );
  const counted = w.node('Add', [agreeing, w.constant(offsets, [1, trees.length, leaves, 1])], agreeing.shape);
  const chosen = w.reshape(w.node('Relu', [counted], counted.shape), [rows, trees.length * leaves]);
  const summed = w.node(
    'MatMul',
    [chosen, w.constant(weights, [trees.length * leaves, ensemble.targets])],
    [rows, ensemble.targets],
  );
  return w.node('Add', [summed, w.constant(ensemble.base, [1, ensemble.targets])], summed.shape);
}

/** 1 where a test sends its feature to the left, else 0. */
function testedLeft(w: OnnxWriter, { test, left }: TreeEnsemble, values: Written, thresholds: Written): Written {
  const kinds = new Set(test.filter((_, node) => left[node] !== -1));
  const [kind = 'le'] = kinds;
  const op = OPERATORS[kind];
  if (kinds.size > 1 || op === undefined) throw new CannotRewriteError(`trees that test by ${[...kinds].join(', ')}`);
  return w.cast(w.node(op, [values, thresholds], values.shape), 'float');
}

const OPERATORS: Readonly<Record<string, string | undefined>> = {
  le: 'LessOrEqual',
  lt: 'Less',
  ge: 'GreaterOrEqual',
  gt: 'Greater',
  eq: 'Equal',
};

function flatten({ left, right }: TreeEnsemble, root: number): FlatTree {
  const inner: number[] = [];
  const leaves: { leaf: number; way: readonly Turn[] }[] = [];
  const open: { readonly node: number; readonly way: readonly Turn[] }[] = [{ node: root, way: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, way } = next;
    if (left[node] === -1) {
      leaves.push({ leaf: node, way });
      continue;
    }
    inner.push(node);
    open.push({ node: right[node], way: [...way, { node, left: false }] });
    open.push({ node: left[node], way: [...way, { node, left: true }] });
  }
  return { inner, leaves };
}

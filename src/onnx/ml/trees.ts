import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, negate } from '../../graph/compose/arithmetic.ts';
import { constant } from '../../graph/compose/movement.ts';
import type { TreeEnsemble } from '../../graph/tree.ts';
import type { DType } from '../../tensor/dtype.ts';
import { UnsupportedError } from '../unsupported.ts';
import type { FeatureRows } from './rows.ts';

export type Aggregate = 'SUM' | 'AVERAGE' | 'MIN' | 'MAX';

/** MIN and MAX keep every tree apart, each with all nodes. */
const mostVisits = 2 ** 24;

/** Scores [rows, targets] of an ensemble whose base values are added after aggregation. */
export function aggregateTrees(
  b: GraphBuilder,
  rows: FeatureRows,
  ensemble: TreeEnsemble,
  aggregate: Aggregate,
  dtype: DType,
): ValueId {
  if (aggregate === 'SUM' || ensemble.roots.length === 1) return sumTrees(b, rows, ensemble, dtype);
  if (aggregate === 'AVERAGE') {
    const count = ensemble.roots.length;
    return sumTrees(b, rows, { ...ensemble, leafWeight: ensemble.leafWeight.map((w) => w / count) }, dtype);
  }
  if (ensemble.roots.length * ensemble.left.length > mostVisits) {
    throw new UnsupportedError(`${aggregate} over ${ensemble.roots.length} trees`, 'Aggregate with SUM or AVERAGE.');
  }
  if (coverage(ensemble, true).some((covered) => covered !== 'always')) {
    const fix = 'Give every leaf a weight for every target, or aggregate with SUM.';
    throw new UnsupportedError(`${aggregate} over trees of which a leaf leaves out a target`, fix);
  }
  const sign = aggregate === 'MIN' ? -1 : 1;
  const leafWeight = ensemble.leafWeight.map((w) => sign * w);
  const base = new Float64Array(ensemble.targets);
  const trees = Array.from(ensemble.roots, (root) =>
    sumTrees(b, rows, { ...ensemble, leafWeight, base, roots: Int32Array.of(root) }, dtype),
  );
  const shape = b.shape(trees[0]);
  const size = rows.rows * ensemble.targets;
  const window = trees.length;
  const gather = Int32Array.from({ length: size * window }, (_, i) => (i % window) * size + Math.floor(i / window));
  const best = b.push({ kind: 'max', inputs: trees, shape, dtype, window, gather });
  const offset = constant(b, [1, ensemble.targets], ensemble.base, dtype);
  return add(b, sign < 0 ? negate(b, best) : best, offset);
}

export function sumTrees(
  b: GraphBuilder,
  { x, rows, features }: FeatureRows,
  ensemble: TreeEnsemble,
  dtype: DType,
): ValueId {
  const gather = Int32Array.from({ length: rows * features }, (_, i) => i);
  return b.push({
    kind: 'tree',
    inputs: [x],
    shape: [rows, ensemble.targets],
    dtype,
    rows,
    features,
    gather,
    ensemble,
  });
}

export type Coverage = 'always' | 'sometimes' | 'never';

/** Whether a sample gets a weight for each target, from some tree or (`everyTree`) from all of them. */
export function coverage(ensemble: TreeEnsemble, everyTree = false): Coverage[] {
  const { targets, roots, left, leafStart, leafTarget } = ensemble;
  const ever = new Uint8Array(targets);
  const complete = new Uint32Array(targets);
  const seen = new Int32Array(left.length).fill(-1);
  for (const [tree, root] of roots.entries()) {
    const hits = new Uint32Array(targets);
    let leaves = 0;
    for (const node of nodesBelow(ensemble, root, seen, tree)) {
      if (left[node] >= 0) continue;
      leaves++;
      for (let j = leafStart[node]; j < leafStart[node + 1]; j++) hits[leafTarget[j]]++;
    }
    for (let t = 0; t < targets; t++) {
      if (hits[t] > 0) ever[t] = 1;
      if (hits[t] === leaves) complete[t]++;
    }
  }
  const enough = everyTree ? roots.length : 1;
  return Array.from(ever, (any, t) => (complete[t] >= enough ? 'always' : any === 1 ? 'sometimes' : 'never'));
}

/** Whether some tree gives every sample a positive weight (none may be negative for this to matter). */
export function alwaysPositive(ensemble: TreeEnsemble): boolean {
  const { roots, left, leafStart, leafWeight } = ensemble;
  const seen = new Int32Array(left.length).fill(-1);
  return roots.some((root, tree) =>
    nodesBelow(ensemble, root, seen, tree).every(
      (node) => left[node] >= 0 || leafWeight.subarray(leafStart[node], leafStart[node + 1]).some((w) => w > 0),
    ),
  );
}

/** Every node reached from `root`, once; `seen` holds the last tree that visited a node. */
function nodesBelow({ left, right }: TreeEnsemble, root: number, seen: Int32Array, tree: number): number[] {
  const nodes = [root];
  seen[root] = tree;
  for (let head = 0; head < nodes.length; head++) {
    const node = nodes[head];
    if (left[node] < 0) continue;
    for (const child of [left[node], right[node]]) {
      if (seen[child] === tree) continue;
      seen[child] = tree;
      nodes.push(child);
    }
  }
  return nodes;
}

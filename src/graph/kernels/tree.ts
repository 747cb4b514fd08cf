import { goesLeft, type TreeEnsemble } from '../tree.ts';

/** The leaf that row `row` reaches in the tree that starts at `root`; `gather` says where its features lie in x. */
export function reachLeaf(ensemble: TreeEnsemble, root: number, x: Float64Array, gather: Int32Array): number {
  let node = root;
  while (ensemble.left[node] >= 0) {
    const value = x[gather[ensemble.feature[node]]];
    node = goesLeft(ensemble, node, value) ? ensemble.left[node] : ensemble.right[node];
  }
  return node;
}

/** Sums every tree's leaf for every row of features `gather` picks from x: [rows, targets]. */
export function applyTrees(ensemble: TreeEnsemble, x: Float64Array, rows: number, gather: Int32Array): Float64Array {
  const { targets, roots, leafStart, leafTarget, leafWeight, base } = ensemble;
  const features = gather.length / Math.max(rows, 1);
  const y = new Float64Array(rows * targets);
  for (let r = 0; r < rows; r++) {
    const out = y.subarray(r * targets, (r + 1) * targets);
    const row = gather.subarray(r * features, (r + 1) * features);
    for (const root of roots) {
      const leaf = reachLeaf(ensemble, root, x, row);
      for (let j = leafStart[leaf]; j < leafStart[leaf + 1]; j++) out[leafTarget[j]] += leafWeight[j];
    }
    for (let t = 0; t < targets; t++) out[t] += base[t];
  }
  return y;
}

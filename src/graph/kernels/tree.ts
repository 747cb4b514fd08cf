import type { TreeEnsemble, TreeTest } from '../tree.ts';

export function treeTest(test: TreeTest, value: number, threshold: number): boolean {
  switch (test) {
    case 'le':
      return value <= threshold;
    case 'lt':
      return value < threshold;
    case 'ge':
      return value >= threshold;
    case 'gt':
      return value > threshold;
    case 'eq':
      return value === threshold;
    case 'ne':
      return value !== threshold;
  }
}

/** The leaf a row of features reaches in the tree that starts at `root`. */
export function reachLeaf(ensemble: TreeEnsemble, root: number, x: Float64Array, row: number): number {
  let node = root;
  while (ensemble.left[node] >= 0) {
    const goesLeft = treeTest(ensemble.test[node], x[row + ensemble.feature[node]], ensemble.threshold[node]);
    node = goesLeft ? ensemble.left[node] : ensemble.right[node];
  }
  return node;
}

/** Evaluates every tree for every row: [rows, features] → [rows, targets]. */
export function applyTrees(ensemble: TreeEnsemble, x: Float64Array, rows: number, features: number): Float64Array {
  const { targets, roots, leafStart, leafTarget, leafWeight, aggregate, base } = ensemble;
  const y = new Float64Array(rows * targets);
  const seen = new Uint8Array(targets);
  for (let r = 0; r < rows; r++) {
    seen.fill(0);
    const out = y.subarray(r * targets, (r + 1) * targets);
    for (const root of roots) {
      const leaf = reachLeaf(ensemble, root, x, r * features);
      for (let j = leafStart[leaf]; j < leafStart[leaf + 1]; j++) {
        const target = leafTarget[j];
        const weight = leafWeight[j];
        if (aggregate === 'sum' || aggregate === 'average') out[target] += weight;
        else if (seen[target] === 0) out[target] = weight;
        else out[target] = aggregate === 'min' ? Math.min(out[target], weight) : Math.max(out[target], weight);
        seen[target] = 1;
      }
    }
    for (let t = 0; t < targets; t++) out[t] = (aggregate === 'average' ? out[t] / roots.length : out[t]) + base[t];
  }
  return y;
}

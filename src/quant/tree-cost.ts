import { concatenate } from '../graph/kernels/movement.ts';
import type { QTree, Range } from './qgraph.ts';
import { signedWidth } from './width.ts';

/**
 * Every comparison is made once per feature and threshold, however many nodes share it: w + 1 for an order of width w,
 * 2 for an equality, nothing where the bounds decide it. Then one product per node, see `productsOf`.
 */
export function treeCost(tree: QTree, operands: readonly Range[]): number {
  const lo = concatenate(operands.map((x) => x.lo));
  const hi = concatenate(operands.map((x) => x.hi));
  const { rows, features, gather, feature, threshold, equality, left } = tree;
  const known = new Set<string>();
  let cost = 0;
  for (let r = 0; r < rows; r++) {
    for (let node = 0; node < left.length; node++) {
      if (left[node] < 0) continue;
      const x = gather[r * features + feature[node]];
      const t = threshold[node];
      const key = `${x}:${t}:${equality[node]}`;
      if (known.has(key)) continue;
      known.add(key);
      if (equality[node] === 1) cost += t < lo[x] || t > hi[x] || lo[x] === hi[x] ? 0 : 2;
      else cost += t <= lo[x] || t > hi[x] ? 0 : signedWidth(lo[x] - t, hi[x] - t) + 1;
    }
  }
  return cost + rows * productsOf(tree);
}

/**
 * Products of one row. Either values climb from the leaves, right + c·(left − right) per target, free where both sides
 * are constants; or each inner node but the roots gets an indicator, whatever the number of targets. The cheaper counts.
 */
function productsOf({ targets, roots, left, right, leafStart, leafTarget, leafWeight }: QTree): number {
  const size = left.length;
  const value = new Float64Array(size * targets);
  const fixed = new Uint8Array(size * targets);
  let climbing = 0;
  let inner = 0;
  for (let node = size - 1; node >= 0; node--) {
    const own = node * targets;
    if (left[node] < 0) {
      for (let j = leafStart[node]; j < leafStart[node + 1]; j++) value[own + leafTarget[j]] += leafWeight[j];
      fixed.fill(1, own, own + targets);
      continue;
    }
    inner++;
    const [a, b] = [left[node] * targets, right[node] * targets];
    for (let t = 0; t < targets; t++) {
      const constants = fixed[a + t] === 1 && fixed[b + t] === 1;
      if (!constants) climbing++;
      if (!constants || value[a + t] !== value[b + t]) continue;
      fixed[own + t] = 1;
      value[own + t] = value[a + t];
    }
  }
  const branchingRoots = [...new Set(roots)].filter((root) => left[root] >= 0);
  return Math.min(climbing, inner - branchingRoots.length);
}

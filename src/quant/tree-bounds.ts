import type { QTree, Range } from './qgraph.ts';

/** What trees of floats and of integers have in common. */
type Leaves = Pick<QTree, 'targets' | 'left' | 'right' | 'leafStart' | 'leafTarget' | 'leafWeight'>;

/** Per row and target, the base and of every tree its smallest and its largest leaf. */
export function treeRange(tree: QTree): Range {
  const { rows, targets, roots, base } = tree;
  const leaves = leafBounds(tree);
  const lo = Float64Array.from(base);
  const hi = Float64Array.from(base);
  for (const root of roots) {
    for (let t = 0; t < targets; t++) {
      lo[t] += leaves.lo[root * targets + t];
      hi[t] += leaves.hi[root * targets + t];
    }
  }
  const repeat = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: rows * targets }, (_, i) => values[i % targets]);
  return { lo: repeat(lo), hi: repeat(hi) };
}

/** A bound on every partial sum over the trees. */
export function treePeak(tree: Leaves & Pick<QTree, 'roots' | 'base'>): number {
  const { targets, roots, base } = tree;
  const { lo, hi } = leafBounds(tree);
  let peak = 0;
  for (let t = 0; t < targets; t++) {
    let sum = Math.abs(base[t]);
    for (const root of roots) sum += Math.max(Math.abs(lo[root * targets + t]), Math.abs(hi[root * targets + t]));
    peak = Math.max(peak, sum);
  }
  return peak;
}

/** For every node and target, the least and the most that a leaf below it adds; children come after parents. */
export function leafBounds(tree: Leaves): Range {
  const { targets, left, right, leafStart, leafTarget, leafWeight } = tree;
  const lo = new Float64Array(left.length * targets);
  const hi = new Float64Array(left.length * targets);
  for (let node = left.length - 1; node >= 0; node--) {
    const own = node * targets;
    if (left[node] < 0) {
      for (let j = leafStart[node]; j < leafStart[node + 1]; j++) lo[own + leafTarget[j]] += leafWeight[j];
      hi.set(lo.subarray(own, own + targets), own);
      continue;
    }
    const [a, b] = [left[node] * targets, right[node] * targets];
    for (let t = 0; t < targets; t++) {
      lo[own + t] = Math.min(lo[a + t], lo[b + t]);
      hi[own + t] = Math.max(hi[a + t], hi[b + t]);
    }
  }
  return { lo, hi };
}

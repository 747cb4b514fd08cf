import { floorDivide, truncDivide } from '../graph/kernels/elementwise.ts';
import type { QDivide, QFunction, QRound, QTree } from './qgraph.ts';
import { halfOf } from './width.ts';

/** floor((x + half) / 2^shift): half up, also for negative numbers. */
export function rescale(x: number, shift: number): number {
  return shift === 0 ? x : Math.floor((x + halfOf(shift)) / 2 ** shift);
}

export function roundShift(mode: QRound['mode'], x: number, shift: number): number {
  const unit = 2 ** shift;
  const floor = Math.floor(x / unit);
  const rest = x - floor * unit;
  if (rest === 0 || mode === 'floor') return floor;
  if (mode === 'ceil') return floor + 1;
  if (mode === 'trunc') return x < 0 ? floor + 1 : floor;
  if (2 * rest === unit) return floor % 2 === 0 ? floor : floor + 1;
  return 2 * rest < unit ? floor : floor + 1;
}

export function divideIntegers(mode: QDivide['mode'], factor: number, x: number, y: number): number {
  if (mode === 'nearest') return floorDivide(2 * factor * x + y, 2 * y);
  return mode === 'floor' ? floorDivide(factor * x, y) : truncDivide(factor * x, y);
}

/** Largest y with y² ≤ x, for 0 ≤ x < 2^53. */
export function integerSqrt(x: number): number {
  let y = Math.floor(Math.sqrt(x));
  while (y * y > x) y--;
  while ((y + 1) * (y + 1) <= x) y++;
  return y;
}

/** One value of a piecewise polynomial; see `QFunction`. */
export function applySegments(fn: QFunction, x: number): number {
  const u = x - fn.lo;
  const unit = 2 ** (fn.bits - fn.segmentBits);
  const segment = Math.floor(u / unit);
  const rest = u - segment * unit;
  let sum = 0;
  for (let d = fn.coefficients.length - 1; d >= 0; d--) sum = sum * rest + fn.coefficients[d][segment];
  return rescale(sum, fn.shift);
}

/** The leaf that row `row` reaches in the tree that starts at `root`; x is all operands joined. */
export function reachIntegerLeaf(tree: QTree, root: number, x: Float64Array, row: number): number {
  const { features, gather, feature, threshold, equality, left, right } = tree;
  let node = root;
  while (left[node] >= 0) {
    const value = x[gather[row * features + feature[node]]];
    const goesLeft = equality[node] === 1 ? value === threshold[node] : value < threshold[node];
    node = goesLeft ? left[node] : right[node];
  }
  return node;
}

export function applyIntegerTrees(tree: QTree, x: Float64Array): Float64Array {
  const { rows, targets, roots, leafStart, leafTarget, leafWeight } = tree;
  const y = new Float64Array(rows * targets);
  for (let r = 0; r < rows; r++) {
    y.set(tree.base, r * targets);
    for (const root of roots) {
      const leaf = reachIntegerLeaf(tree, root, x, r);
      for (let j = leafStart[leaf]; j < leafStart[leaf + 1]; j++) y[r * targets + leafTarget[j]] += leafWeight[j];
    }
  }
  return y;
}

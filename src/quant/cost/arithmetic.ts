import { hasBothSigns } from '../expressions.ts';
import type { QDivide, QMatMul, QSqrt, Range } from '../qgraph.ts';
import { rangeRows } from '../rows.ts';
import { bitLength, signedWidth } from '../width.ts';

const isFixed = ({ lo, hi }: Range, i: number): boolean => lo[i] === hi[i];

/** One row per product of two values that both vary. */
export function mulRows(a: Range, b: Range): number {
  let rows = 0;
  for (let i = 0; i < a.lo.length; i++) if (!isFixed(a, i) && !isFixed(b, i)) rows++;
  return rows;
}

export function matmulRows({ batch, m, k, n }: QMatMul, a: Range, b: Range): number {
  let rows = 0;
  for (let z = 0; z < batch; z++) {
    for (let j = 0; j < k; j++) {
      let [left, right] = [0, 0];
      for (let i = 0; i < m; i++) if (!isFixed(a, (z * m + i) * k + j)) left++;
      for (let c = 0; c < n; c++) if (!isFixed(b, (z * k + j) * n + c)) right++;
      rows += left * right;
    }
  }
  return rows;
}

/**
 * Quotient and remainder are wires with range checks, one product ties them, and the distance of the remainder to the
 * divisor is checked too. A truncated quotient of either sign needs the dividend's sign and, where the divisor varies, a
 * product with it.
 */
export function divideRows(node: QDivide, x: Range, y: Range, terms: readonly number[], quotient: Range): number {
  const signs = node.mode === 'trunc' && hasBothSigns(x);
  let rows = 0;
  for (let i = 0; i < x.lo.length; i++) {
    if (isFixed(quotient, i)) continue;
    const largest = largestRemainder(node, y, i);
    rows += rangeRows(bitLength(quotient.hi[i] - quotient.lo[i]), 1) + 1;
    rows += rangeRows(bitLength(largest), 1) + rangeRows(bitLength(largest), 1 + terms[1]);
    if (!signs || x.lo[i] >= 0 || x.hi[i] <= 0) continue;
    rows += rangeRows(signedWidth(x.lo[i], x.hi[i]), terms[0]) + (isFixed(y, i) ? 0 : 1);
  }
  return rows;
}

/** The divisor's largest magnitude, doubled to round to nearest, less one. */
export function largestRemainder({ mode }: QDivide, y: Range, i: number): number {
  const divisor = Math.max(Math.abs(y.lo[i]), Math.abs(y.hi[i]));
  return (mode === 'nearest' ? 2 * divisor : divisor) - 1;
}

/** With m bits of y: m for y, 1 for y², m + 1 for x − y², m + 2 for 2y − (x − y²). */
export function sqrtRows(_node: QSqrt, x: Range, y: Range): number {
  let rows = 0;
  for (let i = 0; i < y.lo.length; i++) {
    if (isFixed(y, i) && x.lo[i] >= 0) continue;
    const rest = bitLength(2 * y.hi[i]);
    rows += rangeRows(bitLength(y.hi[i]), 1) + 1 + rangeRows(rest, 1) + rangeRows(rest, 2);
  }
  return rows;
}

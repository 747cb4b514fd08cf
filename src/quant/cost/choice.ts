import { absoluteRows, planMax } from '../max-plan.ts';
import { isAbsolute } from '../order-ranges.ts';
import type { QArgMax, QCompare, QMax, QNode, QTopK, Range } from '../qgraph.ts';
import { rangeRows, signRows, zeroRows } from '../rows.ts';
import { bitLength } from '../width.ts';

/** One decomposition of the difference, or the test of it for zero. */
export function compareRows({ relation }: QCompare, a: Range, b: Range, terms: readonly number[]): number {
  const wires = terms[0] + terms[1];
  const strict = relation === 'lt' ? 1 : 0;
  let rows = 0;
  for (let i = 0; i < a.lo.length; i++) {
    const [least, most] = [a.lo[i] - b.hi[i], a.hi[i] - b.lo[i]];
    rows += relation === 'eq' ? zeroRows(least, most, wires) : signRows(-most - strict, -least - strict, wires);
  }
  return rows;
}

/** One product where the condition varies and the sides are not both constants. */
export function selectRows(condition: Range, a: Range, b: Range): number {
  let rows = 0;
  for (let i = 0; i < condition.lo.length; i++) {
    const constants = a.lo[i] === a.hi[i] && b.lo[i] === b.hi[i];
    if (condition.lo[i] !== condition.hi[i] && !constants) rows++;
  }
  return rows;
}

export function maxRows(
  node: QMax,
  nodes: readonly QNode[],
  operands: readonly Range[],
  terms: readonly number[],
): number {
  return isAbsolute(node, nodes) ? absoluteRows(operands[0], terms[0]) : planMax(node, operands, terms).rows;
}

/** k selectors, k products that pick the maximum, k range checks of its lead; of two, one comparison. */
export function argmaxRows({ rows, length, tie }: QArgMax, x: Range, terms: number): number {
  if (length === 1) return 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const first = row * length;
    if (length === 2) {
      const strict = tie === 'first' ? 1 : 0;
      const [least, most] = [x.lo[first + 1] - x.hi[first], x.hi[first + 1] - x.lo[first]];
      total += signRows(least - strict, most - strict, 2 * terms);
      continue;
    }
    const most = Math.max(...x.hi.subarray(first, first + length));
    total += 2 * length;
    for (let j = first; j < first + length; j++) total += rangeRows(bitLength(most - x.lo[j]), 2);
  }
  return total;
}

/** What one row of a top-k selection takes, without what it publishes: indices and values come from the same wires. */
export function topkRows({ rows, length, k }: QTopK, x: Range): number {
  if (length === 1) return 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const reach = reachOf(x, row * length, length);
    const order = rangeRows(orderWidth(reach, length), 2);
    const rest = k < length ? length * rangeRows(restWidth(reach), 2) : 0;
    total += 2 * k * length + Math.max(0, k - 1) * order + rest;
  }
  return total;
}

/** Largest minus smallest value that a row may hold. */
export function reachOf(x: Range, first: number, length: number): number {
  const lo = Math.min(...x.lo.subarray(first, first + length));
  const hi = Math.max(...x.hi.subarray(first, first + length));
  return hi - lo;
}

/** Width of the distance of two neighbours in the order of (value, index), less one. */
export function orderWidth(reach: number, length: number): number {
  return bitLength(length * reach + length - 2);
}

/** Width of the lead of the last chosen one over any other; it also has room for −reach − 1 raised by 2^width − 1. */
export function restWidth(reach: number): number {
  return bitLength(reach + 1);
}

/** Two selections from the same tensor under the same rule are one, whether values or indices are wanted. */
export function selectionKey({ inputs, rows, length, k, largest }: QTopK): string {
  return `${inputs[0]}:${rows}:${length}:${k}:${largest}`;
}

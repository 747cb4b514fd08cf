import { concatenate } from '../graph/kernels/movement.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { QCompare, QMax, QNode, QTopK, Range } from './qgraph.ts';

/** 1 or 0 where the operands' bounds decide, [0, 1] elsewhere. */
export function compareRange(relation: QCompare['relation'], a: Range, b: Range): Range {
  const lo = new Float64Array(a.lo.length);
  const hi = new Float64Array(a.lo.length);
  for (let i = 0; i < lo.length; i++) {
    const least = a.lo[i] - b.hi[i];
    const most = a.hi[i] - b.lo[i];
    const always = relation === 'lt' ? most < 0 : relation === 'le' ? most <= 0 : least === 0 && most === 0;
    const never = relation === 'lt' ? least >= 0 : relation === 'le' ? least > 0 : least > 0 || most < 0;
    lo[i] = always ? 1 : 0;
    hi[i] = never ? 0 : 1;
  }
  return { lo, hi };
}

/** The chosen side's bounds where the condition is decided, both sides' elsewhere. */
export function selectRange(condition: Range, a: Range, b: Range): Range {
  const lo = new Float64Array(a.lo.length);
  const hi = new Float64Array(a.lo.length);
  for (let i = 0; i < lo.length; i++) {
    const onlyA = condition.lo[i] === 1;
    const onlyB = condition.hi[i] === 0;
    lo[i] = onlyA ? a.lo[i] : onlyB ? b.lo[i] : Math.min(a.lo[i], b.lo[i]);
    hi[i] = onlyA ? a.hi[i] : onlyB ? b.hi[i] : Math.max(a.hi[i], b.hi[i]);
  }
  return { lo, hi };
}

export function maxRange(gather: Int32Array, window: number, operands: readonly Range[]): Range {
  const lows = concatenate(operands.map((r) => r.lo));
  const highs = concatenate(operands.map((r) => r.hi));
  const size = gather.length / window;
  const lo = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  const hi = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < gather.length; i++) {
    if (gather[i] < 0) continue;
    const p = Math.floor(i / window);
    lo[p] = Math.max(lo[p], lows[gather[i]]);
    hi[p] = Math.max(hi[p], highs[gather[i]]);
  }
  return { lo, hi };
}

/** Whether a maximum is max(x, −x), whose bounds do not follow from those of x and −x taken apart. */
export function isAbsolute({ inputs, window, gather }: QMax, nodes: readonly QNode[]): boolean {
  const negated = nodes[inputs[1]];
  if (inputs.length !== 2 || window !== 2 || negated.kind !== 'add') return false;
  if (negated.inputs.length !== 1 || negated.inputs[0] !== inputs[0] || negated.coefficients[0] !== -1) return false;
  const size = sizeOf(nodes[inputs[0]].shape);
  return gather.length === 2 * size && gather.every((source, i) => source === (i % 2) * size + Math.floor(i / 2));
}

export function absoluteRange({ lo, hi }: Range): Range {
  return {
    lo: lo.map((l, i) => Math.max(l, -hi[i], 0)),
    hi: lo.map((l, i) => Math.max(-l, hi[i])),
  };
}

/** The j-th largest value lies between the j-th largest lower bound and the j-th largest upper bound. */
export function topkRange({ rows, length, k, largest, result }: QTopK, x: Range): Range {
  const lo = new Float64Array(rows * k);
  const hi = new Float64Array(rows * k);
  if (result === 'indices') return { lo, hi: hi.fill(Math.max(0, length - 1)) };
  const order = (values: Float64Array, row: number): Float64Array => {
    const sorted = values.slice(row * length, (row + 1) * length).sort();
    return (largest ? sorted.reverse() : sorted).subarray(0, k);
  };
  for (let row = 0; row < rows; row++) {
    lo.set(order(x.lo, row), row * k);
    hi.set(order(x.hi, row), row * k);
  }
  return { lo, hi };
}

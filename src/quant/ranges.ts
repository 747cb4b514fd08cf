import { boundAffine } from '../graph/kernels/affine.ts';
import { add } from '../graph/kernels/elementwise.ts';
import { applyMap } from '../graph/kernels/movement.ts';
import { inputRange } from './columns.ts';
import { integerWidthRange } from './integer-range.ts';
import { divideIntegers, integerSqrt, rescale, roundShift } from './kernels.ts';
import { absoluteRange, compareRange, isAbsolute, maxRange, selectRange, topkRange } from './order-ranges.ts';
import type { QAdd, QDivide, QFunction, QGraph, QMatMul, QMul, QNode, QRescale, Range } from './qgraph.ts';
import { belowMaximum } from './relations/below-maximum.ts';
import { normalisedProduct } from './relations/normalised-product.ts';
import { treeRange } from './tree-bounds.ts';
import { extremes, halfOf } from './width.ts';

/** Proved bounds of every node, each derived only from bounds that the circuit enforces. */
export function analyseRanges({ nodes }: QGraph): Range[] {
  const ranges: Range[] = [];
  for (const node of nodes) {
    ranges.push(
      rangeOf(
        node,
        node.inputs.map((i) => ranges[i]),
        nodes,
        ranges,
      ),
    );
  }
  return ranges;
}

/**
 * Bounds of one node from the bounds of its operands, and from how the operands depend on each other: `nodes` and
 * `ranges` are those before it.
 */
export function rangeOf(
  node: QNode,
  operands: readonly Range[],
  nodes: readonly QNode[],
  ranges: readonly Range[],
): Range {
  const x = operands[0];
  const size = node.shape.reduce((product, dim) => product * dim, 1);
  switch (node.kind) {
    case 'input':
      return inputRange(node, size);
    case 'const':
      return { lo: node.data, hi: node.data };
    case 'affine':
      return boundAffine(node, x);
    case 'map':
      return {
        lo: applyMap(
          node.source,
          node.fill,
          operands.map((r) => r.lo),
        ),
        hi: applyMap(
          node.source,
          node.fill,
          operands.map((r) => r.hi),
        ),
      };
    case 'add':
      return belowMaximum(node, nodes, addRange(node, operands));
    case 'mul':
      return normalisedProduct(node, nodes, ranges, mulRange(node, operands));
    case 'matmul':
      return matmulRange(node, operands[0], operands[1]);
    case 'rescale':
      return rescaleRange(node, x);
    case 'clip':
      return monotone(x, (v) => Math.min(Math.max(v, node.lo), node.hi));
    case 'round':
      return monotone(x, (v) => roundShift(node.mode, v, node.shift));
    case 'compare':
      return compareRange(node.relation, operands[0], operands[1]);
    case 'select':
      return selectRange(operands[0], operands[1], operands[2]);
    case 'max':
      return isAbsolute(node, nodes) ? absoluteRange(x) : maxRange(node.gather, node.window, operands);
    case 'argmax':
      return constantRange(size, 0, node.length - 1);
    case 'topk':
      return topkRange(node, x);
    case 'function':
      return functionRange(node, x);
    case 'divide':
      return divideRange(node, operands[0], operands[1]);
    case 'sqrt':
      return monotone(x, (v) => integerSqrt(node.factor * Math.max(v, 0)));
    case 'bits': {
      if (node.op === 'shr') return monotone(x, (v) => Math.floor(v / 2 ** node.amount));
      const [lo, hi] = integerWidthRange(node.width, node.signed);
      return constantRange(size, lo, hi);
    }
    case 'tree':
      return treeRange(node);
  }
}

export function constantRange(size: number, lo: number, hi: number): Range {
  return { lo: new Float64Array(size).fill(lo), hi: new Float64Array(size).fill(hi) };
}

function monotone({ lo, hi }: Range, f: (v: number) => number): Range {
  return { lo: lo.map(f), hi: hi.map(f) };
}

function addRange({ coefficients }: QAdd, operands: readonly Range[]): Range {
  return {
    lo: add(
      operands.map((r, j) => (coefficients[j] >= 0 ? r.lo : r.hi)),
      coefficients,
    ),
    hi: add(
      operands.map((r, j) => (coefficients[j] >= 0 ? r.hi : r.lo)),
      coefficients,
    ),
  };
}

function mulRange(node: QMul, operands: readonly Range[]): Range {
  const [a, b] = [operands[0], operands[1]];
  const square = node.inputs[0] === node.inputs[1];
  const lo = new Float64Array(a.lo.length);
  const hi = new Float64Array(a.lo.length);
  for (let i = 0; i < lo.length; i++) {
    const [l, h] = productBounds(a.lo[i], a.hi[i], b.lo[i], b.hi[i]);
    lo[i] = square && a.lo[i] < 0 && a.hi[i] > 0 ? 0 : l;
    hi[i] = h;
    if (square) lo[i] = Math.max(lo[i], 0);
  }
  return { lo, hi };
}

export function productBounds(al: number, ah: number, bl: number, bh: number): readonly [number, number] {
  const p = al * bl;
  const q = al * bh;
  const r = ah * bl;
  const s = ah * bh;
  return [Math.min(p, q, r, s), Math.max(p, q, r, s)];
}

function matmulRange(node: QMatMul, a: Range, b: Range): Range {
  const { batch, m, k, n } = node;
  const lo = new Float64Array(batch * m * n);
  const hi = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < k; j++) {
        const p = (z * m + i) * k + j;
        for (let c = 0; c < n; c++) {
          const q = (z * k + j) * n + c;
          const out = (z * m + i) * n + c;
          const [l, h] = productBounds(a.lo[p], a.hi[p], b.lo[q], b.hi[q]);
          lo[out] += l;
          hi[out] += h;
        }
      }
    }
  }
  return { lo, hi };
}

/** An enforced width narrows what the operand's bounds prove: the range check itself excludes the rest. */
function rescaleRange(node: QRescale, x: Range): Range {
  const { shift, relu, width } = node;
  const half = halfOf(shift);
  const limit = width === null ? Number.POSITIVE_INFINITY : 2 ** (width - 1);
  const bound = (v: number): number => {
    const inside = Math.min(Math.max(v, -limit - half), limit - 1 - half);
    const y = rescale(inside, shift);
    return relu && y < 0 ? 0 : y;
  };
  return monotone(x, bound);
}

/** Bounds of the polynomial over the part of each segment that the operand's range touches. */
function functionRange(node: QFunction, x: Range): Range {
  const segments = 2 ** node.segmentBits;
  const unit = 2 ** (node.bits - node.segmentBits);
  const bounds = (s: number, from: number, to: number): readonly [number, number] => {
    const [a, b] = polynomialBounds(
      node.coefficients.map((c) => c[s]),
      to,
      from,
    );
    return [rescale(a, node.shift), rescale(b, node.shift)];
  };
  const whole = Array.from({ length: segments }, (_, s) => bounds(s, 0, unit - 1));
  const low = Float64Array.from(whole, ([least]) => least);
  const high = Float64Array.from(whole, ([, most]) => most);
  const last = segments * unit - 1;
  const lo = new Float64Array(x.lo.length);
  const hi = new Float64Array(x.lo.length);
  for (let i = 0; i < lo.length; i++) {
    const from = Math.min(Math.max(x.lo[i] - node.lo, 0), last);
    const to = Math.min(Math.max(x.hi[i] - node.lo, 0), last);
    const [first, final] = [Math.floor(from / unit), Math.floor(to / unit)];
    const [start, end] = [from - first * unit, to - final * unit];
    const parts =
      first === final ? [bounds(first, start, end)] : [bounds(first, start, unit - 1), bounds(final, 0, end)];
    const between = [low.subarray(first + 1, final), high.subarray(first + 1, final)];
    lo[i] = Math.min(...parts.map(([least]) => least), extremes(between[0])[0]);
    hi[i] = Math.max(...parts.map(([, most]) => most), extremes(between[1])[1]);
  }
  return { lo, hi };
}

/** Exact extremes over the integers from..last for degree ≤ 2, a safe bound above. */
export function polynomialBounds(
  coefficients: readonly number[],
  last: number,
  from = 0,
): readonly [lo: number, hi: number] {
  const at = (r: number): number => coefficients.reduceRight((sum, c) => sum * r + c, 0);
  if (from === last) return [at(last), at(last)];
  if (coefficients.length > 3) {
    let [lo, hi] = [coefficients[0], coefficients[0]];
    for (let d = 1; d < coefficients.length; d++) {
      const ends = [coefficients[d] * from ** d, coefficients[d] * last ** d];
      lo += Math.min(...ends);
      hi += Math.max(...ends);
    }
    return [lo, hi];
  }
  const candidates = [at(from), at(last)];
  const [, b = 0, a = 0] = coefficients;
  if (a !== 0) {
    const vertex = -b / (2 * a);
    for (const r of [Math.floor(vertex), Math.ceil(vertex)]) if (r > from && r < last) candidates.push(at(r));
  }
  return [Math.min(...candidates), Math.max(...candidates)];
}

function divideRange(node: QDivide, x: Range, y: Range): Range {
  const lo = new Float64Array(x.lo.length);
  const hi = new Float64Array(x.lo.length);
  for (let i = 0; i < lo.length; i++) {
    const corners = [x.lo[i], x.hi[i]].flatMap((a) =>
      [y.lo[i], y.hi[i]].map((b) => divideIntegers(node.mode, node.factor, a, b)),
    );
    lo[i] = Math.min(...corners);
    hi[i] = Math.max(...corners);
  }
  return { lo, hi };
}

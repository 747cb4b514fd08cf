import { elementGrid } from './columns.ts';
import type { QFunction, QGraph, QMax, QNode, QRescale, QTopK, Range } from './qgraph.ts';
import { polynomialBounds } from './ranges.ts';
import { treeCost } from './tree-cost.ts';
import { bitLength, halfOf, rescaleWidth, signedWidth, span } from './width.ts';

/** Predicted constraints of every node, by the cost table of docs/quantisation.md; no circuit is built. */
export function predictCosts(graph: QGraph, ranges: readonly Range[]): Float64Array {
  return Float64Array.from(graph.nodes, (node, id) =>
    costOf(
      node,
      node.inputs.map((i) => ranges[i]),
      ranges[id],
    ),
  );
}

/** Rows of the whole circuit: nodes, one row per public signal, and the binding. */
export function predictTotal(graph: QGraph, ranges: readonly Range[]): number {
  let total = 1;
  for (const cost of predictCosts(graph, ranges)) total += cost;
  for (const { node } of graph.outputs) total += ranges[node].lo.length + signalsOf(ranges[node]);
  return total;
}

/** Public signals of a tensor: lanes of whole bytes, as many as fit in 31 bytes. */
export function signalsOf(range: Range): number {
  const [lo, hi] = span(range);
  const laneBytes = Math.max(1, Math.ceil(bitLength(hi - lo) / 8));
  return Math.ceil(range.lo.length / Math.floor(31 / laneBytes));
}

/** Smallest power of two that holds `rows` constraints and the consistency rows of `signals` public signals. */
export function domainOf(rows: number, signals = 1): number {
  return 2 ** bitLength(rows + signals);
}

/** An element whose bounds coincide is a constant of the circuit and costs nothing. */
export function costOf(node: QNode, operands: readonly Range[], range: Range): number {
  const size = range.lo.length;
  const perVarying = (cost: (i: number) => number): number =>
    sumOf(size, (i) => (range.lo[i] === range.hi[i] ? 0 : cost(i)));
  switch (node.kind) {
    case 'input':
      return sumOf(size, (i) => elementGrid(node, i).bits);
    case 'const':
    case 'affine':
    case 'map':
    case 'add':
      return 0;
    case 'mul':
      return perVarying((i) => (isFixed(operands[0], i) || isFixed(operands[1], i) ? 0 : 1));
    case 'matmul':
      return node.batch * node.m * node.n * node.k;
    case 'rescale':
      return rescaleCost(node, operands[0]);
    case 'clip':
      return perVarying((i) => clipCost(node.lo, node.hi, operands[0].lo[i], operands[0].hi[i]));
    case 'round':
      if (node.shift === 0) return 0;
      return perVarying((i) => signedWidth(operands[0].lo[i], operands[0].hi[i]) + (node.mode === 'even' ? 3 : 1));
    case 'compare':
      return perVarying((i) => (node.relation === 'eq' ? 2 : differenceWidth(operands[0], operands[1], i) + 1));
    case 'select':
      return perVarying((i) => (isFixed(operands[0], i) ? 0 : 1));
    case 'max':
      return maxCost(node, operands, range);
    case 'argmax': {
      const width = signedWidth(...span(operands[0])) + 1;
      return node.rows * (node.length * (2 + width) + 2);
    }
    case 'topk':
      return topkCost(node, operands[0]);
    case 'function':
      return size * functionCost(node);
    case 'divide':
      return perVarying((i) => {
        const quotient = signedWidth(range.lo[i], range.hi[i]);
        const divisor = bitLength(2 * Math.max(Math.abs(operands[1].lo[i]), Math.abs(operands[1].hi[i])));
        return quotient + 2 * divisor + 3;
      });
    case 'sqrt':
      return perVarying((i) => 3 * bitLength(range.hi[i]) + 5);
    case 'bits':
      return perVarying((i) => bitsCost(node, operands, i));
    case 'tree':
      return treeCost(node, operands);
  }
}

function sumOf(size: number, cost: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < size; i++) total += cost(i);
  return total;
}

const isFixed = ({ lo, hi }: Range, i: number): boolean => lo[i] === hi[i];

/** Mirrors r1cs/lower/rescale.ts: b + 2 with ReLU, b + 1 without, one row where the sign or the value is known. */
function rescaleCost(node: QRescale, x: Range): number {
  const { shift, relu, width } = node;
  const half = halfOf(shift);
  return sumOf(x.lo.length, (i) => {
    const b = width ?? rescaleWidth(x.lo[i], x.hi[i], shift);
    if (relu && x.hi[i] + half < 0 && width === null) return 1;
    if (relu && x.lo[i] + half < 0) return b + 2;
    return shift === 0 && width === null ? 1 : b + 1;
  });
}

function clipCost(lo: number, hi: number, least: number, most: number): number {
  const below = least < lo ? signedWidth(least - lo, most - lo) + 2 : 0;
  const above = most > hi ? signedWidth(hi - most, hi - least) + 2 : 0;
  return below + above;
}

function differenceWidth(a: Range, b: Range, i: number): number {
  return signedWidth(a.lo[i] - b.hi[i] - 1, a.hi[i] - b.lo[i]);
}

function maxCost(node: QMax, operands: readonly Range[], range: Range): number {
  const least = Math.min(...operands.map((x) => span(x)[0]));
  return sumOf(range.lo.length, (p) => {
    let members = 0;
    for (let k = p * node.window; k < (p + 1) * node.window; k++) if (node.gather[k] >= 0) members++;
    return Math.max(0, members - 1) * (bitLength(range.hi[p] - least) + 3);
  });
}

/** A sorting permutation of the k chosen (k selectors each) and one comparison per neighbour and per rest. */
function topkCost({ rows, length, k }: QTopK, x: Range): number {
  const width = signedWidth(...span(x)) + bitLength(length);
  return rows * k * (2 * length + width + 1) + rows * length * (width + 1);
}

function functionCost(node: QFunction): number {
  const { bits, segmentBits, coefficients, shift } = node;
  const degree = coefficients.length - 1;
  const selectors = Math.max(0, 2 ** segmentBits - segmentBits - 1);
  let widest = 1;
  for (let s = 0; s < 2 ** segmentBits; s++) {
    const [lo, hi] = polynomialBounds(
      coefficients.map((c) => c[s]),
      2 ** (bits - segmentBits) - 1,
    );
    widest = Math.max(widest, rescaleWidth(lo, hi, shift));
  }
  return bits + selectors + degree + (shift === 0 ? 1 : widest + 1);
}

function bitsCost(node: QNode & { kind: 'bits' }, operands: readonly Range[], i: number): number {
  const own = signedWidth(operands[0].lo[i], operands[0].hi[i]);
  if (node.op === 'wrap' || node.op === 'shr') return own + 1;
  return 3 * node.width + 2;
}

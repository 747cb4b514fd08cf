import type { AddNode, AffineNode, Graph, GraphNode } from '../graph/graph.ts';
import { smoothOf } from '../graph/smooth.ts';
import { isBelowMaximum } from '../graph/trace.ts';
import { normalisedLimit } from './relations/normalised-truth.ts';
import { extremes } from './width.ts';

/** Bounds of the exact real values of a whole tensor, whatever the model's inputs are. */
export interface Truth {
  readonly lo: number;
  readonly hi: number;
}

const unknown: Truth = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
const known = new WeakMap<Graph, (Truth | undefined)[]>();

/**
 * What the structure of the float graph alone says of a value: squares are not negative, a variance plus ε is at
 * least ε, a sum of exponentials clipped at 1 at least 1. Rounding errors can hide such facts from the bounds of the
 * integers, but a division or a logarithm needs them.
 */
export function truthOf(graph: Graph, id: number): Truth {
  const facts = known.get(graph) ?? [];
  known.set(graph, facts);
  for (let i = facts.length; i <= id; i++) {
    const node = graph.nodes[i];
    facts.push(derive(node, (input) => facts[input] ?? unknown, graph));
  }
  return facts[id] ?? unknown;
}

function derive(node: GraphNode, of: (input: number) => Truth, graph: Graph): Truth {
  const operands = node.inputs.map(of);
  const [x, y] = operands;
  switch (node.kind) {
    case 'const':
      return node.data.length === 0 ? unknown : interval(extremes(node.data));
    case 'map': {
      const filled = node.source.some((source) => source < 0);
      return union(filled ? [...operands, { lo: node.fill, hi: node.fill }] : operands);
    }
    case 'add': {
      const sum = operands.reduce((all, v, i) => plus(all, times(v, exactly(node.coefficients[i]))), exactly(0));
      return isDrop(graph, node) ? { lo: sum.lo, hi: Math.min(sum.hi, 0) } : sum;
    }
    case 'affine':
      return affine(node, x);
    case 'mul':
      if (node.inputs[0] !== node.inputs[1]) return limited(times(x, y), normalisedLimit(graph, node));
      return { lo: x.lo > 0 ? x.lo ** 2 : x.hi < 0 ? x.hi ** 2 : 0, hi: Math.max(x.lo ** 2, x.hi ** 2) };
    case 'compare':
      return { lo: 0, hi: 1 };
    case 'select':
      return union([operands[1], operands[2]]);
    case 'max':
      return isMagnitude(graph, node) ? { lo: 0, hi: Math.max(-x.lo, x.hi) } : union(operands);
    case 'relu':
      return { lo: Math.max(0, x.lo), hi: Math.max(0, x.hi) };
    case 'clip':
      return { lo: Math.min(Math.max(x.lo, node.lo), node.hi), hi: Math.min(Math.max(x.hi, node.lo), node.hi) };
    case 'sqrt':
      return { lo: Math.sqrt(Math.max(0, x.lo)), hi: Math.sqrt(Math.max(0, x.hi)) };
    case 'divide':
      if (node.mode !== 'real' || !(y.lo > 0)) return unknown;
      return times(x, { lo: 1 / y.hi, hi: 1 / y.lo });
    case 'function':
      return ofFunction(node, x);
    default:
      return unknown;
  }
}

/** x − max(…, x, …). */
function isDrop(graph: Graph, { inputs, coefficients, shape }: AddNode): boolean {
  if (inputs.length !== 2 || coefficients[0] !== 1 || coefficients[1] !== -1) return false;
  return isBelowMaximum(
    graph.nodes,
    inputs,
    shape.reduce((product, dim) => product * dim, 1),
  );
}

function limited({ lo, hi }: Truth, limit = Number.POSITIVE_INFINITY): Truth {
  return { lo: Math.max(lo, -limit), hi: Math.min(hi, limit) };
}

const interval = ([lo, hi]: readonly [number, number]): Truth => ({ lo, hi });
const exactly = (value: number): Truth => ({ lo: value, hi: value });

function union(all: readonly Truth[]): Truth {
  return { lo: Math.min(...all.map((v) => v.lo)), hi: Math.max(...all.map((v) => v.hi)) };
}

const plus = (a: Truth, b: Truth): Truth => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });

/** Zero times infinity is zero: the bound of a product with an exact zero. */
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

function times(a: Truth, b: Truth): Truth {
  const corners = [product(a.lo, b.lo), product(a.lo, b.hi), product(a.hi, b.lo), product(a.hi, b.hi)];
  return { lo: Math.min(...corners), hi: Math.max(...corners) };
}

function affine({ depth, gather, weight, bias }: AffineNode, x: Truth): Truth {
  const padded = gather.some((source) => source < 0);
  const read = padded ? union([x, exactly(0)]) : x;
  let [lo, hi] = bias.length === 0 ? [0, 0] : extremes(bias);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < weight.length; row += depth) {
    let [positive, negative] = [0, 0];
    for (let k = row; k < row + depth; k++) {
      if (weight[k] > 0) positive += weight[k];
      else negative += weight[k];
    }
    const sum = plus(times(read, exactly(positive)), times(read, exactly(negative)));
    least = Math.min(least, sum.lo);
    most = Math.max(most, sum.hi);
  }
  if (least <= most) [lo, hi] = [lo + least, hi + most];
  return { lo, hi };
}

function isMagnitude(graph: Graph, { inputs }: GraphNode): boolean {
  if (inputs.length !== 2) return false;
  const other = graph.nodes[inputs[1]];
  return (
    other.kind === 'add' && other.inputs[0] === inputs[0] && other.inputs.length === 1 && other.coefficients[0] === -1
  );
}

const increasing = new Set([
  'sigmoid',
  'tanh',
  'exp',
  'log',
  'erf',
  'softplus',
  'softsign',
  'atan',
  'sinh',
  'asinh',
  'acosh',
  'asin',
]);
const positive = new Set(['power', 'powerOf', 'rsqrt']);

function ofFunction({ fn }: GraphNode & { kind: 'function' }, x: Truth): Truth {
  if (positive.has(fn.name)) return { lo: 0, hi: Number.POSITIVE_INFINITY };
  if (fn.name === 'sin' || fn.name === 'cos') return { lo: -1, hi: 1 };
  if (fn.name === 'cosh') return { lo: 1, hi: Number.POSITIVE_INFINITY };
  if (!increasing.has(fn.name)) return unknown;
  const f = smoothOf(fn);
  const limits = { sigmoid: [0, 1], tanh: [-1, 1], erf: [-1, 1], softsign: [-1, 1], exp: [0, Infinity] };
  const at = (v: number, end: 0 | 1): number => {
    const limit = limits[fn.name as keyof typeof limits]?.[end] ?? (end === 0 ? -Infinity : Infinity);
    if (!Number.isFinite(v)) return limit;
    const value = f(v);
    return Number.isNaN(value) ? limit : value;
  };
  return { lo: at(x.lo, 0), hi: at(x.hi, 1) };
}

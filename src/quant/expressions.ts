import { planClip } from './clip-plan.ts';
import { planMax } from './max-plan.ts';
import { isAbsolute } from './order-ranges.ts';
import type { QGraph, QMap, QMatMul, QNode, QRescale, Range } from './qgraph.ts';
import { bitTerms, keySideTerms, signForm, zeroForm } from './rows.ts';
import { halfOf, rescaleWidth } from './width.ts';

/**
 * How many wires the elements of every node stand for inside a circuit, and which nodes get wires of their own.
 *
 * A linear expression costs nothing until a row names it. It gets a wire, one row per element, when a gadget names it
 * more than once, when it would stand on the A or B side (which the proving key stores) with more than `keySideTerms`
 * wires, or when an expression of n wires is written u times and (n − 1)(u − 1) exceeds `sharedTerms`.
 */
export interface ExpressionPlan {
  /** Most wires that one element names, after sharing. */
  readonly terms: readonly number[];
  readonly shared: readonly boolean[];
}

export const sharedTerms = 4096;

export function planExpressions(graph: QGraph, ranges: readonly Range[]): ExpressionPlan {
  const demands = collectDemands(graph, ranges);
  const terms: number[] = [];
  const shared: boolean[] = [];
  for (const [id, node] of graph.nodes.entries()) {
    const own = termsOf(graph, ranges, node, id, terms);
    const { repeated, key, uses } = demands[id];
    const wanted = repeated || (key && own > keySideTerms) || (own - 1) * (uses - 1) > sharedTerms;
    shared.push(own > 1 && wanted);
    terms.push(shared[id] ? 1 : own);
  }
  return { terms, shared };
}

/** What consumers do with a node. */
interface Demand {
  /** Some gadget names an element more than once. */
  repeated: boolean;
  /** Some gadget names an element on the A or B side. */
  key: boolean;
  /** How often the most used element is written. */
  uses: number;
}

/** Data movement and multiples are the same wires again: what is asked of them is asked of their operands. */
function collectDemands({ nodes, outputs }: QGraph, ranges: readonly Range[]): Demand[] {
  const demands = nodes.map((): Demand => ({ repeated: false, key: false, uses: 0 }));
  for (const { node } of outputs) demands[node].uses++;
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id];
    const own = demands[id];
    const ask = (position: number, repeated: boolean, key: boolean, uses: number): void => {
      const operand = demands[node.inputs[position]];
      operand.repeated ||= repeated;
      operand.key ||= key;
      operand.uses += uses;
    };
    if (node.kind === 'map' || (node.kind === 'add' && node.inputs.length === 1)) {
      const copies = node.kind === 'map' ? mostCopies(node) : 1;
      for (let j = 0; j < node.inputs.length; j++) ask(j, own.repeated, own.key, copies * Math.max(1, own.uses));
      demands[id] = { repeated: false, key: false, uses: 0 };
      continue;
    }
    for (let j = 0; j < node.inputs.length; j++) {
      ask(j, namesTwice(nodes, ranges, node, j), namesOnKeySide(node, j), usesOf(node));
    }
  }
  return demands;
}

function mostCopies({ source }: QMap): number {
  const copies = new Map<number, number>();
  let most = 1;
  for (const at of source) {
    if (at < 0) continue;
    const count = (copies.get(at) ?? 0) + 1;
    copies.set(at, count);
    if (count > most) most = count;
  }
  return most;
}

function usesOf(node: QNode): number {
  return node.kind === 'affine' ? node.outs * Math.min(node.depth, 32) : 1;
}

function namesTwice(nodes: readonly QNode[], ranges: readonly Range[], node: QNode, position: number): boolean {
  switch (node.kind) {
    case 'mul':
      return node.inputs[0] === node.inputs[1];
    case 'matmul':
      return node.inputs[0] === node.inputs[1] || (position === 0 ? node.n > 1 : node.m > 1);
    case 'select':
      return position > 0;
    case 'max':
      return isAbsolute(node, nodes) ? position === 0 : planMax(node, operandsOf(ranges, node), [0]).overlaps;
    case 'argmax':
      return node.length > 2;
    case 'topk':
    case 'tree':
      return true;
    case 'divide':
      return position === 1 || (node.mode === 'trunc' && hasBothSigns(ranges[node.inputs[0]]));
    case 'bits':
      return node.op === 'and' || node.op === 'or' || node.op === 'xor';
    default:
      return false;
  }
}

function namesOnKeySide(node: QNode, position: number): boolean {
  return node.kind === 'mul' || node.kind === 'matmul' || (node.kind === 'select' && position === 0);
}

const operandsOf = (ranges: readonly Range[], node: QNode): Range[] => node.inputs.map((id) => ranges[id]);

export function hasBothSigns({ lo, hi }: Range): boolean {
  return lo.some((l, i) => l < 0 && hi[i] > 0);
}

const isFixed = ({ lo, hi }: Range, i: number): boolean => lo[i] === hi[i];

/** Most wires that an element of `node` names, given those of its operands. */
function termsOf(
  { nodes }: QGraph,
  ranges: readonly Range[],
  node: QNode,
  id: number,
  known: readonly number[],
): number {
  const terms = node.inputs.map((input) => known[input]);
  const x = ranges[node.inputs[0]];
  const any = (test: (i: number) => boolean): boolean => ranges[id].lo.some((_, i) => test(i));
  const orOne = (passes: boolean, through: number): number => (passes ? Math.max(1, through) : 1);
  switch (node.kind) {
    case 'input':
    case 'divide':
    case 'sqrt':
      return 1;
    case 'const':
      return 0;
    case 'affine':
      return node.depth * terms[0];
    case 'map':
      return Math.max(0, ...terms);
    case 'add':
      return terms.reduce((sum, count) => sum + count, 0);
    case 'mul':
      return orOne(
        any((i) => isFixed(x, i) || isFixed(ranges[node.inputs[1]], i)),
        Math.max(...terms),
      );
    case 'matmul':
      return orOne(hasLinearSum(node, x, ranges[node.inputs[1]]), node.k * Math.max(...terms));
    case 'rescale':
      return orOne(
        any((i) => rescaleForm(node, x.lo[i], x.hi[i]) === 'same'),
        terms[0],
      );
    case 'clip':
      return orOne(
        any((i) => planClip(node.lo, node.hi, x.lo[i], x.hi[i]).form === 'none'),
        terms[0],
      );
    case 'round':
      if (node.shift === 0) return terms[0];
      return node.mode === 'even' || (node.mode === 'trunc' && hasBothSigns(x)) ? bitTerms : 1;
    case 'compare':
      return orOne(
        any((i) => isLinearComparison(node, x, ranges[node.inputs[1]], i)),
        terms[0] + terms[1],
      );
    case 'select':
      return orOne(
        any((i) => isFixed(x, i)),
        Math.max(...terms),
      );
    case 'max': {
      const passes = isAbsolute(node, nodes)
        ? any((i) => x.lo[i] >= 0 || x.hi[i] <= 0)
        : planMax(node, operandsOf(ranges, node), terms).passes;
      return orOne(passes, Math.max(...terms));
    }
    case 'argmax':
      return node.length === 2 ? 2 : Math.max(1, node.length - 1);
    case 'topk':
      return node.result === 'values' ? Math.max(1, terms[0]) : Math.max(1, node.length - 1);
    case 'function':
      return node.shift === 0 ? 2 ** node.segmentBits + 1 : 1;
    case 'bits':
      return bitsTerms(node, x, terms);
    case 'tree':
      return node.left.length;
  }
}

function hasLinearSum({ batch, m, k, n }: QMatMul, a: Range, b: Range): boolean {
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      for (let c = 0; c < n; c++) {
        let linear = true;
        for (let j = 0; j < k && linear; j++) {
          linear = isFixed(a, (z * m + i) * k + j) || isFixed(b, (z * k + j) * n + c);
        }
        if (linear) return true;
      }
    }
  }
  return false;
}

/** What an element of a requantisation needs, told by its bounds. */
export type RescaleForm = 'relu' | 'plain' | 'same' | 'fixed';

export function rescaleForm(node: QRescale, lo: number, hi: number): RescaleForm {
  const { shift, relu } = node;
  const half = halfOf(shift);
  const unit = 2 ** shift;
  const width = enforcedWidth(node, lo, hi);
  if (width === null) {
    const least = Math.floor((lo + half) / unit);
    const most = Math.floor((hi + half) / unit);
    if (least === most || (relu && most <= 0)) return 'fixed';
  }
  if (relu && lo + half < 0) return 'relu';
  return shift === 0 && width === null ? 'same' : 'plain';
}

/** The width that rows must enforce on an element, or null where its bounds prove as much. */
export function enforcedWidth({ width, shift }: QRescale, lo: number, hi: number): number | null {
  return width === null || rescaleWidth(lo, hi, shift) <= width ? null : width;
}

function isLinearComparison(node: QNode & { kind: 'compare' }, a: Range, b: Range, i: number): boolean {
  const [least, most] = [a.lo[i] - b.hi[i], a.hi[i] - b.lo[i]];
  if (node.relation !== 'eq') {
    const strict = node.relation === 'lt' ? 1 : 0;
    return signForm(-most - strict, -least - strict) === 'linear';
  }
  const form = zeroForm(least, most);
  return form === 'bit' || form === 'negative bit';
}

function bitsTerms(
  { op, width, signed, amount }: QNode & { kind: 'bits' },
  x: Range,
  terms: readonly number[],
): number {
  if (op === 'shr') return amount === 0 ? terms[0] : 1;
  if (op !== 'wrap') return 3 * bitTerms;
  const least = signed ? -(2 ** (width - 1)) : 0;
  const turn = (v: number): number => Math.floor((v - least) / 2 ** width);
  return x.lo.some((lo, i) => turn(lo) === turn(x.hi[i])) ? Math.max(1, terms[0]) : 1;
}

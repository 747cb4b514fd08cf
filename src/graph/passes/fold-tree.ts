import { InternalError } from '../../errors.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { goesLeft, type TreeEnsemble, type TreeTest } from '../tree.ts';
import { rewrite } from './rewrite.ts';

/**
 * Trees read the model's inputs directly: data movement before them becomes part of their `gather`, and elementwise
 * scaling of an input (feature scalers, casts) moves into their thresholds. Both are then exact on the inputs' own grids.
 */
export function foldTree(graph: Graph): Graph {
  return rewrite(graph, (node, _id, emit, built) => {
    if (node.kind !== 'tree') return emit(node);
    const places = Array.from(node.gather, (at) => trace(node.inputs, at, built));
    const { features, rows, ensemble } = node;
    const chosen = Array.from({ length: features }, (_, f) => {
      const own = Array.from({ length: rows }, (_, row) => places[row * features + f]);
      return canScale(ensemble, f, own) ? own.map(({ scaled }) => scaled) : own.map(({ moved }) => moved);
    });
    const threshold = Float64Array.from(ensemble.threshold);
    const test = [...ensemble.test];
    for (let i = 0; i < ensemble.left.length; i++) {
      const steps = chosen[ensemble.feature[i]]?.[0]?.steps ?? [];
      if (ensemble.left[i] >= 0 && steps.length > 0) [test[i], threshold[i]] = preimage(ensemble, i, steps);
    }
    const read = node.gather.length === 0 ? [] : places.map((_, i) => chosen[i % features][Math.floor(i / features)]);
    return emit({ ...node, ensemble: { ...ensemble, threshold, test }, ...collect(read, built) });
  });
}

/** Element `element` of node `source`, changed by `steps` in order before a tree reads it. */
interface Place {
  readonly source: number;
  readonly element: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly factor: number;
  readonly offset: number;
}

/** Where a feature comes from through data movement alone, and through scaling too if that leads to an input. */
interface Origins {
  readonly moved: Place;
  readonly scaled: Place;
}

function trace(inputs: readonly number[], at: number, built: readonly GraphNode[]): Origins {
  let [source, element] = operandOf(inputs, at, built);
  const steps: Step[] = [];
  let moved: Place | undefined;
  for (;;) {
    const node = built[source];
    if (node.kind === 'map' && node.source[element] >= 0) {
      [source, element] = operandOf(node.inputs, node.source[element], built);
      continue;
    }
    const scaling = scalingOf(node, built);
    if (scaling === undefined) break;
    if (!scaling.identity) {
      moved ??= { source, element, steps: [] };
      steps.unshift({ factor: scaling.factor(element), offset: scaling.offset(element) });
    }
    source = scaling.operand;
  }
  const scaled = { source, element, steps };
  if (moved === undefined) return { moved: scaled, scaled };
  return { moved, scaled: built[source].kind === 'input' ? scaled : moved };
}

/** Scaling moves into the thresholds of a feature when it is the same in every row and keeps or reverses the order. */
function canScale(ensemble: TreeEnsemble, feature: number, own: readonly Origins[]): boolean {
  const [first] = own;
  if (first === undefined || first.scaled.steps.length === 0) return true;
  if (!ensemble.single || first.scaled.steps.some(({ factor }) => factor === 0)) return false;
  const steps = JSON.stringify(first.scaled.steps);
  if (own.some(({ scaled }) => JSON.stringify(scaled.steps) !== steps)) return false;
  const tested = (i: number, test: TreeTest): boolean =>
    ensemble.feature[i] === feature && ensemble.left[i] >= 0 && ensemble.test[i] === test;
  return !ensemble.test.some((_, i) => tested(i, 'eq') || tested(i, 'ne'));
}

function operandOf(
  inputs: readonly number[],
  at: number,
  built: readonly GraphNode[],
): [source: number, element: number] {
  let rest = at;
  for (const input of inputs) {
    const size = sizeOf(built[input]);
    if (rest < size) return [input, rest];
    rest -= size;
  }
  throw new InternalError(`element ${at} lies outside the operands`);
}

/** Every node that is read, once, and positions in their concatenation. */
function collect(places: readonly Place[], built: readonly GraphNode[]) {
  const inputs = [...new Set(places.map(({ source }) => source))].sort((a, b) => a - b);
  const offset = new Map<number, number>();
  let total = 0;
  for (const input of inputs) {
    offset.set(input, total);
    total += sizeOf(built[input]);
  }
  return { inputs, gather: Int32Array.from(places, ({ source, element }) => (offset.get(source) ?? 0) + element) };
}

/** y[i] = factor(i)·x[i] + offset(i), as the float interpreter computes it. */
interface Scaling {
  readonly operand: number;
  readonly identity: boolean;
  factor(element: number): number;
  offset(element: number): number;
}

function scalingOf(node: GraphNode, built: readonly GraphNode[]): Scaling | undefined {
  if (node.kind === 'affine') {
    const { depth, outs, positions, gather, weight, bias } = node;
    if (depth !== 1 || outs !== 1 || positions !== 1 || gather.some((source, i) => source !== i)) return undefined;
    return { operand: node.inputs[0], identity: false, factor: (i) => weight[i], offset: (i) => bias[i] };
  }
  if (node.kind !== 'add' || node.dtype.includes('int')) return undefined;
  const { inputs, coefficients } = node;
  if (inputs.length === 1) {
    const [factor] = coefficients;
    return { operand: inputs[0], identity: factor === 1, factor: () => factor, offset: () => 0 };
  }
  for (const [own, other] of inputs.length === 2 ? [[0, 1] as const, [1, 0] as const] : []) {
    const constant = built[inputs[other]];
    if (constant.kind !== 'const') continue;
    const { data } = constant;
    const factor = coefficients[own];
    const share = coefficients[other];
    return { operand: inputs[own], identity: false, factor: () => factor, offset: (i) => share * data[i] };
  }
  return undefined;
}

/** The test on a float32 x that decides like `node` decides on x after the steps, as the float interpreter takes them. */
function preimage(ensemble: TreeEnsemble, node: number, steps: readonly Step[]): [TreeTest, number] {
  const rising = steps.reduce((sign, { factor }) => sign * Math.sign(factor), 1) > 0;
  const upward = ensemble.test[node].startsWith('g') === rising;
  const scaled = (x: number): number => steps.reduce((v, { factor, offset }) => offset + factor * v, x);
  const inside = (code: number): boolean => goesLeft(ensemble, node, scaled(floatOf(code))) === upward;
  let [below, above] = [-largestCode - 1, largestCode + 1];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (inside(middle)) above = middle;
    else below = middle;
  }
  return upward ? ['ge', floatOf(above)] : ['le', floatOf(below)];
}

/** Codes count the float32 numbers in ascending order from 0; one beyond the largest is infinity. */
const largestCode = 0x7f7fffff;
const word = new DataView(new ArrayBuffer(4));

function floatOf(code: number): number {
  word.setInt32(0, Math.abs(code));
  const magnitude = word.getFloat32(0);
  return code < 0 ? -magnitude : magnitude;
}

const sizeOf = (node: GraphNode): number => node.shape.reduce((product, dim) => product * dim, 1);

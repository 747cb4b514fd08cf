import type { Graph, GraphNode, TreeNode } from '../graph.ts';
import { goesLeft, type TreeEnsemble, type TreeTest } from '../tree.ts';
import { rewrite } from './rewrite.ts';

/**
 * Trees read the model's inputs directly: data movement before them becomes part of their `gather`, and elementwise
 * scaling (feature scalers, casts) moves into their thresholds. Both are then exact on the inputs' own grids.
 */
export function foldTree(graph: Graph): Graph {
  return rewrite(graph, (node, _id, emit, built) => {
    if (node.kind !== 'tree') return emit(node);
    let reading: Reading = { ensemble: node.ensemble, ...locate(node, built) };
    for (let next = step(reading, node, built); next !== undefined; next = step(reading, node, built)) reading = next;
    return emit({ ...node, ensemble: reading.ensemble, ...collect(reading, built) });
  });
}

/** Where each feature of each row is read: element `element[i]` of node `source[i]`. */
interface Reading {
  readonly ensemble: TreeEnsemble;
  readonly source: Int32Array;
  readonly element: Int32Array;
}

function locate(node: TreeNode, built: readonly GraphNode[]): Pick<Reading, 'source' | 'element'> {
  const source = new Int32Array(node.gather.length);
  const element = new Int32Array(node.gather.length);
  for (const [i, at] of node.gather.entries()) {
    const [operand, rest] = operandOf(node.inputs, at, built);
    source[i] = operand;
    element[i] = rest;
  }
  return { source, element };
}

function operandOf(inputs: readonly number[], at: number, built: readonly GraphNode[]): readonly [number, number] {
  let rest = at;
  for (const input of inputs) {
    const size = sizeOf(built[input]);
    if (rest < size) return [input, rest];
    rest -= size;
  }
  return [inputs[0], at];
}

/** The inverse of `locate`: every node that is read, once, and positions in their concatenation. */
function collect({ source, element }: Reading, built: readonly GraphNode[]) {
  const inputs = [...new Set(source)].sort((a, b) => a - b);
  const offset = new Map<number, number>();
  let total = 0;
  for (const input of inputs) {
    offset.set(input, total);
    total += sizeOf(built[input]);
  }
  return { inputs, gather: source.map((input, i) => (offset.get(input) ?? 0) + element[i]) };
}

/** Reads through one more node, or `undefined` when nothing more can be folded. */
function step(reading: Reading, node: TreeNode, built: readonly GraphNode[]): Reading | undefined {
  for (const id of new Set(reading.source)) {
    const operand = built[id];
    if (operand.kind === 'map') {
      const moved = throughMap(reading, id, operand.inputs, operand.source, built);
      if (moved !== undefined) return moved;
    }
    const scaling = scalingOf(operand, built);
    if (scaling !== undefined) {
      const scaled = throughScaling(reading, id, scaling, node);
      if (scaled !== undefined) return scaled;
    }
  }
  return undefined;
}

function throughMap(
  { ensemble, source, element }: Reading,
  id: number,
  inputs: readonly number[],
  table: Int32Array,
  built: readonly GraphNode[],
): Reading | undefined {
  if (source.some((input, i) => input === id && table[element[i]] < 0)) return undefined;
  const next = { ensemble, source: Int32Array.from(source), element: Int32Array.from(element) };
  for (const [i, input] of source.entries()) {
    if (input !== id) continue;
    const [operand, rest] = operandOf(inputs, table[element[i]], built);
    next.source[i] = operand;
    next.element[i] = rest;
  }
  return next;
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

function throughScaling(reading: Reading, id: number, scaling: Scaling, node: TreeNode): Reading | undefined {
  const { ensemble, source, element } = reading;
  const { features } = node;
  const scaled = new Map<number, { readonly factor: number; readonly offset: number }>();
  for (const [i, input] of source.entries()) {
    const f = i % features;
    if ((source[f] === id) !== (input === id)) return undefined;
    if (input !== id) continue;
    const [factor, offset] = [scaling.factor(element[i]), scaling.offset(element[i])];
    const known = scaled.get(f);
    if (known !== undefined && (known.factor !== factor || known.offset !== offset)) return undefined;
    scaled.set(f, { factor, offset });
  }
  const next = source.map((input) => (input === id ? scaling.operand : input));
  if (scaling.identity) return { ensemble, source: next, element };
  const affected = [...ensemble.left.keys()].filter((i) => ensemble.left[i] >= 0 && scaled.has(ensemble.feature[i]));
  const foldable = ensemble.single && [...scaled.values()].every(({ factor }) => factor !== 0);
  if (!foldable || affected.some((i) => ensemble.test[i] === 'eq' || ensemble.test[i] === 'ne')) return undefined;
  const threshold = Float64Array.from(ensemble.threshold);
  const test = [...ensemble.test];
  for (const i of affected) {
    const { factor, offset } = scaled.get(ensemble.feature[i]) ?? { factor: 1, offset: 0 };
    [test[i], threshold[i]] = preimage(ensemble, i, factor, offset);
  }
  return { ensemble: { ...ensemble, threshold, test }, source: next, element };
}

/** The test on a float32 x that decides like `node` decides on offset + factor·x. */
function preimage(ensemble: TreeEnsemble, node: number, factor: number, offset: number): [TreeTest, number] {
  const upward = ensemble.test[node].startsWith('g') === factor > 0;
  const inside = (code: number): boolean => goesLeft(ensemble, node, offset + factor * floatOf(code)) === upward;
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

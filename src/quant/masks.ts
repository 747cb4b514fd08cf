import type { Graph, GraphNode } from '../graph/graph.ts';
import { type Element, isBelowMaximum, operandElement } from '../graph/trace.ts';
import { consumersOf } from './consumers.ts';
import { isPending, type QuantContext, type Quantised } from './context.ts';
import { magnitudes } from './values.ts';

/** Masked scores end up at least this far below all others: exp(−128) is zero at any precision. */
const gap = 128;
/** Constants below this may stand for −∞ in a mask. */
const deep = -1000;

/**
 * Masks: −∞ (or a hugely negative number) added to or selected among scores is replaced by a finite number so far below
 * every other score that a softmax gives it the same weight, none. That holds because the maximum of the row is
 * subtracted next and an exponential follows; where anything else could see the difference, or a whole row is masked,
 * the mask is left as it is, which the quantiser then refuses.
 */
export function withFiniteMasks<N extends GraphNode>(
  context: QuantContext,
  node: N,
): { readonly node: N; readonly operands: readonly Quantised[] } {
  const { operands, graph, id } = context;
  const unchanged = { node, operands };
  if (node.kind !== 'add' && node.kind !== 'map' && node.kind !== 'select') return unchanged;
  const masks = operands.filter(isPending).some(({ constant }) => constant.some((v) => v < deep));
  if (!masks && !(node.kind === 'map' && node.fill < deep)) return unchanged;
  if (node.kind === 'add' && node.coefficients.some((c) => c <= 0)) return unchanged;
  const gain = gainToSoftmax(graph, id);
  if (gain === undefined || !everyRowKeepsOne(graph, id, certainlyMasked(context, node))) return unchanged;
  const lowest = -(2 * reachOf(context, node) + gap / gain);
  const raise = (v: number, coefficient: number): number => Math.max(v, lowest / coefficient);
  return {
    node: node.kind === 'map' ? { ...node, fill: raise(node.fill, 1) } : node,
    operands: operands.map((value, i) => {
      if (!isPending(value)) return value;
      const coefficient = node.kind === 'add' ? node.coefficients[i] : 1;
      return { constant: value.constant.map((v) => raise(v, coefficient)) };
    }),
  };
}

/** A bound on the magnitude of every score that is not masked. */
function reachOf(context: QuantContext, node: GraphNode): number {
  let [sum, most] = [0, 0];
  for (const [i, value] of context.operands.entries()) {
    if (node.kind === 'select' && i === 0) continue;
    const sizes = isPending(value) ? value.constant.filter((v) => v >= deep).map(Math.abs) : magnitudes(context, value);
    const largest = sizes.reduce((m, v) => Math.max(m, v), 0);
    const coefficient = node.kind === 'add' ? node.coefficients[i] : 1;
    sum += coefficient * largest;
    most = Math.max(most, largest);
  }
  return node.kind === 'add' ? sum : most;
}

/**
 * By how much differences of a value are scaled before a softmax takes their exponentials; `undefined` when something
 * other than a softmax reads it.
 */
function gainToSoftmax(graph: Graph, id: number): number | undefined {
  if (graph.outputs.some(({ node }) => node === id)) return undefined;
  let least: number | undefined;
  for (const reader of consumersOf(graph)[id]) {
    const gain = gainThrough(graph, reader);
    if (gain === undefined) return undefined;
    least = Math.min(least ?? gain, gain);
  }
  return least;
}

function gainThrough(graph: Graph, reader: number): number | undefined {
  const node = graph.nodes[reader];
  if (node.kind === 'map') return gainToSoftmax(graph, reader);
  if (node.kind === 'max') return readersAre(graph, reader, (next) => isDrop(graph, next)) ? 1 : undefined;
  if (node.kind !== 'add') return undefined;
  if (isDrop(graph, reader)) return readersAre(graph, reader, (next) => isExponential(graph, next)) ? 1 : undefined;
  const [coefficient] = node.coefficients;
  const gain = node.inputs.length === 1 && coefficient > 0 ? gainToSoftmax(graph, reader) : undefined;
  return gain === undefined ? undefined : gain * coefficient;
}

/** Whether all that reads a node, seen through data movement, is as asked. */
function readersAre(graph: Graph, id: number, holds: (reader: number) => boolean): boolean {
  if (graph.outputs.some(({ node }) => node === id)) return false;
  return consumersOf(graph)[id].every(
    (reader) => holds(reader) || (graph.nodes[reader].kind === 'map' && readersAre(graph, reader, holds)),
  );
}

/** x − max(…, x, …). */
function isDrop({ nodes }: Graph, id: number): boolean {
  const node = nodes[id];
  if (node.kind !== 'add' || node.inputs.length !== 2) return false;
  const [a, b] = node.coefficients;
  return a === 1 && b === -1 && isBelowMaximum(nodes, node.inputs, sizeOf(node));
}

function isExponential({ nodes }: Graph, id: number): boolean {
  const node = nodes[id];
  return node.kind === 'function' && node.fn.name === 'exp';
}

/** Elements that are masked whatever the inputs are. */
function certainlyMasked({ operands, graph }: QuantContext, node: GraphNode): Uint8Array {
  const masked = new Uint8Array(sizeOf(node));
  const constants = operands.map((value) => (isPending(value) ? value.constant : undefined));
  for (let i = 0; i < masked.length; i++) {
    if (node.kind === 'add') masked[i] = Number(constants.some((data) => data !== undefined && data[i] < deep));
    if (node.kind === 'select') {
      const [condition, a, b] = constants;
      const [left, right] = [(a?.[i] ?? 0) < deep, (b?.[i] ?? 0) < deep];
      masked[i] = Number(condition === undefined ? left && right : condition[i] !== 0 ? left : right);
    }
    if (node.kind === 'map') {
      const from = operandElement(graph.nodes, node.inputs, node.source[i]);
      const source = from === undefined ? undefined : graph.nodes[from.node];
      masked[i] = Number(
        from === undefined ? node.fill < deep : source?.kind === 'const' && source.data[from.index] < deep,
      );
    }
  }
  return masked;
}

/** Whether every maximum taken over the node's elements sees one that is not masked. */
function everyRowKeepsOne(graph: Graph, id: number, masked: Uint8Array): boolean {
  const { nodes } = graph;
  return maximaOf(graph, id).every((max) => {
    const node = nodes[max];
    if (node.kind !== 'max') return true;
    for (let p = 0; p < node.gather.length; p += node.window) {
      const row = node.gather.subarray(p, p + node.window);
      const keeps = row.some((g) => {
        const root = comesFrom(nodes, id, operandElement(nodes, node.inputs, g));
        return root !== undefined && (root.node !== id || masked[root.index] === 0);
      });
      if (!keeps) return false;
    }
    return true;
  });
}

/** Where an element comes from, seen through data movement and scaling, but not beyond node `id`. */
function comesFrom(nodes: readonly GraphNode[], id: number, element: Element | undefined): Element | undefined {
  let at = element;
  while (at !== undefined && at.node !== id) {
    const node: GraphNode = nodes[at.node];
    if (node.kind === 'map') at = operandElement(nodes, node.inputs, node.source[at.index]);
    else if (node.kind === 'add' && node.inputs.length === 1) at = { node: node.inputs[0], index: at.index };
    else return at;
  }
  return at;
}

function maximaOf(graph: Graph, id: number): number[] {
  return consumersOf(graph)[id].flatMap((reader) => {
    const { kind } = graph.nodes[reader];
    if (kind === 'max') return [reader];
    return kind === 'map' || kind === 'add' ? maximaOf(graph, reader) : [];
  });
}

const sizeOf = (node: GraphNode): number => node.shape.reduce((product, dim) => product * dim, 1);

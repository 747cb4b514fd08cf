import type { AffineNode, Graph, GraphNode, MapNode, MaxNode } from '../graph.ts';
import { rewrite } from './rewrite.ts';

/**
 * Data movement disappears into what reads it: a map of a map is one map, an affine map or a maximum reads through
 * its operand's map, and a map that changes nothing but the shape is dropped.
 */
export function fuseMaps(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  return rewrite(graph, (node, id, emit, built) => {
    if (node.kind === 'map') {
      const fused = throughMaps(node, built);
      if (!outputs.has(id) && isIdentity(fused, built)) return fused.inputs[0];
      return emit(fused);
    }
    if (node.kind === 'affine' || node.kind === 'max') return emit(readThrough(node, built));
    return emit(node);
  });
}

function isIdentity(node: MapNode, built: readonly GraphNode[]): boolean {
  if (node.inputs.length !== 1) return false;
  const operand = built[node.inputs[0]];
  if (operand.dtype !== node.dtype || sizeOf(operand) !== node.source.length) return false;
  return node.source.every((source, i) => source === i);
}

function throughMaps(node: MapNode, built: readonly GraphNode[]): MapNode {
  const fillsHere = node.source.some((source) => source < 0);
  const compatible = (operand: GraphNode): operand is MapNode =>
    operand.kind === 'map' &&
    (operand.fill === node.fill || !fillsHere || operand.source.every((source) => source >= 0));
  const operands = node.inputs.map((input) => built[input]);
  if (!operands.some(compatible)) return node;
  const inner = operands.filter(compatible).find((operand) => operand.source.some((source) => source < 0));
  const fill = fillsHere ? node.fill : (inner?.fill ?? node.fill);
  const usable = operands.map(
    (operand) => compatible(operand) && (operand.fill === fill || operand.source.every((source) => source >= 0)),
  );
  const inputs: number[] = [];
  const tables: Int32Array[] = [];
  let offset = 0;
  for (const [j, operand] of operands.entries()) {
    const direct = operand.kind === 'map' && usable[j];
    const sources = direct ? operand.inputs : [node.inputs[j]];
    const base = offset;
    for (const source of sources) {
      inputs.push(source);
      offset += sizeOf(built[source]);
    }
    const size = sizeOf(operand);
    const table = direct
      ? operand.source.map((s) => (s < 0 ? -1 : s + base))
      : Int32Array.from({ length: size }, (_, i) => i + base);
    tables.push(table);
  }
  const through = join(tables);
  return { ...node, inputs, fill, source: node.source.map((s) => (s < 0 ? -1 : through[s])) };
}

/** Nothing a float32 holds is smaller: what pads a maximum with it pads with −∞. */
const leastFloat = -(2 - 2 ** -23) * 2 ** 127;

/** A single-operand gather reads through a map whose fill it understands: 0 for affine, −∞ for a maximum. */
function readThrough<T extends AffineNode | MaxNode>(node: T, built: readonly GraphNode[]): T {
  if (node.inputs.length !== 1) return node;
  const operand = built[node.inputs[0]];
  if (operand.kind !== 'map' || operand.inputs.length !== 1) return node;
  const { source, fill } = operand;
  const gather = node.gather.map((g) => (g < 0 ? -1 : source[g]));
  if (source.some((s) => s < 0)) {
    const understood = node.kind === 'affine' ? fill === 0 : fill <= leastFloat && eachWindowReads(node, gather);
    if (!understood) return node;
  }
  return { ...node, inputs: operand.inputs, gather };
}

function eachWindowReads({ window }: MaxNode, gather: Int32Array): boolean {
  for (let p = 0; p < gather.length; p += window) {
    if (gather.subarray(p, p + window).every((g) => g < 0)) return false;
  }
  return true;
}

function join(tables: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(tables.reduce((sum, table) => sum + table.length, 0));
  let offset = 0;
  for (const table of tables) {
    whole.set(table, offset);
    offset += table.length;
  }
  return whole;
}

const sizeOf = (node: GraphNode): number => node.shape.reduce((product, dim) => product * dim, 1);

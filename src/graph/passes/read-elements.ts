import type { AffineNode, Graph, GraphNode, MatMulNode } from '../graph.ts';

/** Which elements of each node some output of the graph depends on, by node id. */
export function readElements(graph: Graph): readonly Uint8Array[] {
  const { nodes } = graph;
  const read = nodes.map((node) => new Uint8Array(sizeOf(node)));
  for (const { node } of graph.outputs) read[node].fill(1);
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (read[id].some((flag) => flag === 1)) markOperands(nodes, nodes[id], read[id], read);
  }
  return read;
}

function markOperands(
  nodes: readonly GraphNode[],
  node: GraphNode,
  own: Uint8Array,
  read: readonly Uint8Array[],
): void {
  switch (node.kind) {
    case 'input':
    case 'const':
      return;
    case 'map':
      return mark(
        nodes,
        node.inputs,
        read,
        node.source.filter((_, i) => own[i] === 1),
      );
    case 'max':
      return mark(
        nodes,
        node.inputs,
        read,
        node.gather.filter((_, i) => own[Math.floor(i / node.window)] === 1),
      );
    case 'affine':
      return markAffine(nodes, node, own, read);
    case 'matmul':
      return markFactors(node, own, read);
    case 'argmax':
    case 'topk':
    case 'tree':
      for (const input of node.inputs) read[input].fill(1);
      return;
    default:
      for (const input of node.inputs) for (let i = 0; i < own.length; i++) read[input][i] |= own[i];
  }
}

/** Marks elements of the concatenated operands. */
function mark(
  nodes: readonly GraphNode[],
  inputs: readonly number[],
  read: readonly Uint8Array[],
  elements: Int32Array,
): void {
  const owners = inputs.map((input) => ({ flags: read[input], size: sizeOf(nodes[input]) }));
  for (const element of elements) {
    let rest = element;
    if (rest < 0) continue;
    for (const { flags, size } of owners) {
      if (rest < size) {
        flags[rest] = 1;
        break;
      }
      rest -= size;
    }
  }
}

/** A position of a group is read where any of its channels is; entries whose weights are all 0 are not. */
function markAffine(
  nodes: readonly GraphNode[],
  { inputs, groups, outs, positions, depth, gather, weight }: AffineNode,
  own: Uint8Array,
  read: readonly Uint8Array[],
): void {
  const counts = new Uint8Array(depth);
  for (let g = 0; g < groups; g++) {
    counts.fill(0);
    for (let i = g * outs * depth; i < (g + 1) * outs * depth; i++) if (weight[i] !== 0) counts[i % depth] = 1;
    for (let p = 0; p < positions; p++) {
      let live = false;
      for (let o = g * outs; o < (g + 1) * outs; o++) live ||= own[o * positions + p] === 1;
      if (!live) continue;
      const first = (g * positions + p) * depth;
      mark(
        nodes,
        inputs,
        read,
        gather.subarray(first, first + depth).filter((_, k) => counts[k] === 1),
      );
    }
  }
}

function markFactors({ inputs, batch, m, k, n }: MatMulNode, own: Uint8Array, read: readonly Uint8Array[]): void {
  const [left, right] = inputs.map((input) => read[input]);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        if (own[(z * m + i) * n + j] === 0) continue;
        left.fill(1, (z * m + i) * k, (z * m + i + 1) * k);
        for (let d = 0; d < k; d++) right[(z * k + d) * n + j] = 1;
      }
    }
  }
}

const sizeOf = (node: GraphNode): number => node.shape.reduce((product, dim) => product * dim, 1);

import type { AffineNode, Graph } from '../graph/graph.ts';

const known = new WeakMap<Graph, readonly (readonly number[])[]>();

/** The ids of the nodes that read each node. */
export function consumersOf(graph: Graph): readonly (readonly number[])[] {
  const found = known.get(graph);
  if (found !== undefined) return found;
  const consumers: number[][] = graph.nodes.map(() => []);
  for (const [id, node] of graph.nodes.entries()) for (const input of new Set(node.inputs)) consumers[input].push(id);
  known.set(graph, consumers);
  return consumers;
}

/**
 * The affine maps that read a node, through data movement; `undefined` when something else does, or the model returns
 * the node: then it has to be requantised.
 */
export function affineReaders(graph: Graph, id: number): AffineNode[] | undefined {
  if (graph.outputs.some(({ node }) => node === id)) return undefined;
  const found: AffineNode[] = [];
  for (const reader of consumersOf(graph)[id]) {
    const node = graph.nodes[reader];
    const next = node.kind === 'affine' ? [node] : node.kind === 'map' ? affineReaders(graph, reader) : undefined;
    if (next === undefined) return undefined;
    found.push(...next);
  }
  return found;
}

import type { Graph } from '../graph/graph.ts';

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

/** Whether everything that reads a node, through data movement, is a linear map: then nothing needs it requantised. */
export function feedsLinearOnly(graph: Graph, id: number): boolean {
  if (graph.outputs.some(({ node }) => node === id)) return false;
  const consumers = consumersOf(graph)[id];
  return consumers.every((reader) => {
    const { kind } = graph.nodes[reader];
    return kind === 'affine' || (kind === 'map' && feedsLinearOnly(graph, reader));
  });
}

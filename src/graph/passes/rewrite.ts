import type { Graph, GraphNode } from '../graph.ts';

/** Adds a node to the graph under construction and returns its id there. */
export type Emit = (node: GraphNode) => number;

/**
 * Rebuilds a graph node by node. `visit` gets each node with operands already renumbered and returns the id that
 * stands for it in the new graph, usually by emitting it (perhaps changed).
 */
export function rewrite(
  graph: Graph,
  visit: (node: GraphNode, id: number, emit: Emit, built: readonly GraphNode[]) => number,
): Graph {
  const built: GraphNode[] = [];
  const renamed: number[] = [];
  const emit: Emit = (node) => built.push(node) - 1;
  for (const [id, node] of graph.nodes.entries()) {
    const moved = { ...node, inputs: node.inputs.map((input) => renamed[input]) };
    renamed.push(visit(moved, id, emit, built));
  }
  return { nodes: built, outputs: graph.outputs.map(({ name, node }) => ({ name, node: renamed[node] })) };
}

/** How often each node is read, counting outputs of the graph. */
export function countUses(graph: Graph): Uint32Array {
  const uses = new Uint32Array(graph.nodes.length);
  for (const node of graph.nodes) for (const input of node.inputs) uses[input]++;
  for (const { node } of graph.outputs) uses[node]++;
  return uses;
}

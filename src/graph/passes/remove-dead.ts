import type { Graph } from '../graph.ts';

/** Drops nodes that no output depends on. Inputs stay: they are part of the model's interface. */
export function removeDead(graph: Graph): Graph {
  const live = new Uint8Array(graph.nodes.length);
  for (const { node } of graph.outputs) live[node] = 1;
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    if (graph.nodes[id].kind === 'input') live[id] = 1;
    if (live[id] === 1) for (const input of graph.nodes[id].inputs) live[input] = 1;
  }
  const renamed = new Int32Array(graph.nodes.length).fill(-1);
  let next = 0;
  for (let id = 0; id < live.length; id++) if (live[id] === 1) renamed[id] = next++;
  return {
    nodes: graph.nodes.flatMap((node, id) =>
      live[id] === 1 ? [{ ...node, inputs: node.inputs.map((input) => renamed[input]) }] : [],
    ),
    outputs: graph.outputs.map(({ name, node }) => ({ name, node: renamed[node] })),
  };
}

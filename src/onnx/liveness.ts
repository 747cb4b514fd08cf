import { readBy, topologicalOrder } from './check.ts';
import type { OnnxGraph } from './model.ts';

/** Names of the values that some output of the graph depends on; nodes that produce none of them need no import. */
export function liveValues(graph: OnnxGraph): ReadonlySet<string> {
  const live = new Set(graph.outputs.map(({ name }) => name));
  for (const node of topologicalOrder(graph).reverse()) {
    if (node.outputs.some((name) => live.has(name))) for (const name of readBy(node)) live.add(name);
  }
  return live;
}

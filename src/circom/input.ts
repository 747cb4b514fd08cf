import type { QGraph } from '../quant/qgraph.ts';

/** What circom's witness calculator takes: every input's integers under the name of its signal, and the binding. */
export type CircomInput = Readonly<Record<string, string | readonly string[]>>;

export function circomInput(
  graph: QGraph,
  integers: ReadonlyMap<string, Float64Array>,
  { binding = 0n }: { readonly binding?: bigint } = {},
): CircomInput {
  const input: Record<string, string | readonly string[]> = { binding: binding.toString() };
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind !== 'input') continue;
    input[`n${id}`] = Array.from(integers.get(node.name) ?? [], (value) => BigInt(value).toString());
  }
  return input;
}

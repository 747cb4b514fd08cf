import type { Graph } from '../graph.ts';
import { countUses, rewrite } from './rewrite.ts';

/** max(relu(x)) becomes relu(max(x)): the same values, and each window is requantised once instead of per element. */
export function reluAfterMax(graph: Graph): Graph {
  const uses = countUses(graph);
  const usesOf = graph.nodes.map((node) => node.inputs.map((input) => uses[input]));
  return rewrite(graph, (node, id, emit, built) => {
    if (node.kind !== 'max' || node.inputs.length !== 1) return emit(node);
    const operand = built[node.inputs[0]];
    const readsOnly = usesOf[id][0] === 1;
    if (operand.kind !== 'relu' || !readsOnly) return emit(node);
    const max = emit({ ...node, inputs: operand.inputs });
    return emit({ kind: 'relu', inputs: [max], shape: node.shape, dtype: node.dtype, origin: operand.origin });
  });
}

import { evaluate } from '../graph/evaluate.ts';
import type { Graph } from '../graph/graph.ts';
import { concatenate } from '../graph/kernels/movement.ts';
import { reachLeaf } from '../graph/kernels/tree.ts';
import { interpret, quantiseInputs } from './interpret.ts';
import { reachIntegerLeaf } from './kernels.ts';
import type { QuantisedModel } from './quantise.ts';
import type { Sample } from './sample.ts';

/** Paths from a root to a leaf, one per tree and sample, and how many end in another leaf in integers than in floats. */
export interface TreeFlips {
  readonly paths: number;
  readonly flipped: number;
}

/** Nothing for a model without trees. */
export function treeFlips(graph: Graph, model: QuantisedModel, samples: readonly Sample[]): TreeFlips | undefined {
  if (!graph.nodes.some(({ kind }) => kind === 'tree')) return undefined;
  let paths = 0;
  let flipped = 0;
  for (const sample of samples) {
    const floats: Float64Array[] = [];
    evaluate(graph, sample, (id, value) => {
      floats[id] = value;
    });
    const integers = interpret(model.graph, quantiseInputs(model.graph, sample));
    for (const [id, node] of graph.nodes.entries()) {
      const quantised = model.graph.nodes[model.nodeOf[id] ?? -1];
      if (node.kind !== 'tree' || quantised?.kind !== 'tree') continue;
      const x = concatenate(node.inputs.map((input) => floats[input]));
      const q = concatenate(quantised.inputs.map((input) => integers[input]));
      for (let row = 0; row < node.rows; row++) {
        const gather = node.gather.subarray(row * node.features, (row + 1) * node.features);
        for (const root of node.ensemble.roots) {
          paths++;
          if (reachLeaf(node.ensemble, root, x, gather) !== reachIntegerLeaf(quantised, root, q, row)) flipped++;
        }
      }
    }
  }
  return { paths, flipped };
}

import { evaluate } from '../graph/evaluate.ts';
import { type Graph, type GraphOutput, inputsOf } from '../graph/graph.ts';
import { argmax } from '../graph/kernels/order.ts';
import type { Reference } from '../quant/measure.ts';
import type { Sample } from '../quant/sample.ts';
import { type FloatRuntime, openFloatRuntime, RuntimeMissingError } from '../runtime/onnxruntime.ts';

/** What the float model answers to each sample, and who computed it. */
export interface References {
  readonly references: readonly Reference[];
  /** Shown in every report. */
  readonly description: string;
}

/**
 * The float model's outputs by onnxruntime; where that is not installed, by our own interpreter, and the description
 * says so: a comparison with ourselves shows what rounding costs, not that the model was read correctly.
 */
export async function referenceOutputs(path: string, graph: Graph, samples: readonly Sample[]): Promise<References> {
  const inputs = inputsOf(graph).map(({ node }) => node);
  const runtime = await openFloatRuntime(path, inputs).catch((error: unknown) => {
    if (error instanceof RuntimeMissingError) return undefined;
    throw error;
  });
  if (runtime === undefined) return ownReferences(graph, samples);
  try {
    return { references: await askRuntime(runtime, graph, samples), description: runtime.description };
  } finally {
    await runtime.close();
  }
}

async function askRuntime(runtime: FloatRuntime, graph: Graph, samples: readonly Sample[]): Promise<Reference[]> {
  const references: Reference[] = [];
  for (const sample of samples) {
    const outputs = await runtime.run(sample);
    references.push(graph.outputs.map((output) => published(graph, output, outputs)));
  }
  return references;
}

/** What the float model says of an output: its values, or where the largest are if nothing else is published. */
function published({ nodes }: Graph, output: GraphOutput, values: ReadonlyMap<string, Float64Array>): Float64Array {
  const { name, node, visibility } = output;
  const value = values.get(name) ?? new Float64Array();
  const kept = nodes[node];
  return visibility === 'argmax' && kept.kind === 'argmax' ? argmax(value, kept.rows, kept.length, 'first') : value;
}

function ownReferences(graph: Graph, samples: readonly Sample[]): References {
  const references = samples.map((sample) => {
    const outputs = evaluate(graph, sample);
    return graph.outputs.map(({ name }) => outputs.get(name) ?? new Float64Array());
  });
  return { references, description: 'the float interpreter of vouch: onnxruntime-node is not installed' };
}

import { VouchError } from '../errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Visibility } from '../tensor/visibility.ts';
import { type ArgMaxNode, type Graph, type GraphOutput, inputsOf } from './graph.ts';

/**
 * Says in the graph what is published. An output of which only the place of its largest element is published becomes
 * the argmax along its last axis, the first of equals. The last step before quantising: passes do not keep it.
 */
export function withVisibility(graph: Graph, { inputs = new Map(), outputs = new Map() }: Visibility): Graph {
  const inputNames = inputsOf(graph).map(({ node }) => node.name);
  const outputNames = graph.outputs.map(({ name }) => name);
  for (const name of inputs.keys()) if (!inputNames.includes(name)) throw new NoTensorError('input', name, inputNames);
  for (const name of outputs.keys()) {
    if (!outputNames.includes(name)) throw new NoTensorError('output', name, outputNames);
  }
  const nodes = graph.nodes.map((node) => {
    const visibility = node.kind === 'input' ? inputs.get(node.name) : undefined;
    return visibility === undefined ? node : { ...node, visibility };
  });
  return {
    outputs: graph.outputs.map(({ name, node }): GraphOutput => {
      const visibility = outputs.get(name);
      if (visibility === undefined) return { name, node };
      return {
        name,
        node: visibility === 'argmax' ? nodes.push(argMaxOf(graph, { name, node })) - 1 : node,
        visibility,
      };
    }),
    nodes,
  };
}

function argMaxOf({ nodes }: Graph, { name, node }: GraphOutput): ArgMaxNode {
  const { shape } = nodes[node];
  const length = shape.at(-1) ?? 0;
  if (length === 0) throw new NoLargestError(name, shape);
  const rows = sizeOf(shape.slice(0, -1));
  const origin = { node: name, op: 'ArgMax' };
  return {
    kind: 'argmax',
    inputs: [node],
    shape: shape.slice(0, -1),
    dtype: 'int64',
    origin,
    rows,
    length,
    tie: 'first',
  };
}

/** A visibility was given for a tensor that the model does not have. */
export class NoTensorError extends VouchError {
  override readonly name = 'Graph.NoTensorError';

  constructor(kind: 'input' | 'output', name: string, known: readonly string[]) {
    super(`the model has no ${kind} "${name}"`, {
      metaMessages: [`its ${kind}s are ${known.map((other) => `"${other}"`).join(', ')}`],
    });
  }
}

/** An argmax of nothing. */
export class NoLargestError extends VouchError {
  override readonly name = 'Graph.NoLargestError';

  constructor(name: string, shape: readonly number[]) {
    super(`output "${name}" of shape [${shape}] has no largest element along its last axis`, {
      metaMessages: ['Publish it as public or hashed.'],
    });
  }
}

import { VouchError } from '../errors.ts';
import type { Graph, GraphNode, GraphOutput } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';

/** What decides whether a precision is good enough: every target that is there must hold. */
export interface Goal {
  /** Share of samples on which the float model's class must win. */
  readonly agreement?: { readonly output: number; readonly classes: number; readonly target: number };
  /** Most |Δ| of any real output, as a share of that output's range. */
  readonly closeness?: number;
  /** Most |Δ| of any real output, in its own unit. */
  readonly maxError?: number;
}

export const targets = ['agreement', 'closeness', 'maxError'] as const;
export type Target = (typeof targets)[number];

/** What is asked for; `agreement` says nothing of a model that does not classify. */
export interface GoalOptions {
  /** 99.5 % if not said. */
  readonly agreement?: number | undefined;
  /** If not said, 1 % of models that do not classify and have no `maxError`, of others nothing. */
  readonly closeness?: number | undefined;
  readonly maxError?: number | undefined;
}

const usualAgreement = 0.995;
const usualCloseness = 0.01;

/**
 * A classifier is recognised by an output of which only the argmax is published, else by its first real output of shape
 * [1, k] with k ≥ 2, else by one that is an argmax; anything else is judged by |Δ|.
 */
export function goalOf(graph: Graph, { agreement = usualAgreement, closeness, maxError }: GoalOptions = {}): Goal {
  const classifying = classifyingOutput(graph);
  const values = {
    ...(closeness === undefined ? {} : { closeness }),
    ...(maxError === undefined ? {} : { maxError }),
  };
  if (maxError !== undefined && graph.outputs.every(({ node }) => !isReal(graph.nodes[node].dtype))) {
    throw new NothingToBoundError(graph.outputs.map(({ name }) => name));
  }
  if (classifying !== undefined) return { agreement: { ...classifying, target: agreement }, ...values };
  return closeness === undefined && maxError === undefined ? { closeness: usualCloseness } : values;
}

function classifyingOutput({ nodes, outputs }: Graph): { output: number; classes: number } | undefined {
  const isScores = ({ shape, dtype }: GraphNode): boolean =>
    isReal(dtype) && shape.slice(0, -1).every((dim) => dim === 1) && (shape.at(-1) ?? 0) >= 2;
  const signs = [
    ({ visibility }: GraphOutput) => visibility === 'argmax',
    ({ node }: GraphOutput) => isScores(nodes[node]),
    ({ node }: GraphOutput) => nodes[node].kind === 'argmax',
  ];
  const output = signs.map((sign) => outputs.findIndex(sign)).find((found) => found >= 0);
  if (output === undefined) return undefined;
  const chosen = nodes[outputs[output].node];
  return { output, classes: chosen.kind === 'argmax' ? chosen.length : (chosen.shape.at(-1) ?? 0) };
}

/**
 * What a search aims at so that the goal holds on samples it has not seen: those it has seen flatter it. Half an error
 * is one bit, which costs little.
 */
export function stricter({ agreement, closeness, maxError }: Goal): Goal {
  return {
    ...(agreement && { agreement: { ...agreement, target: 1 - (1 - agreement.target) * 0.3 } }),
    ...(closeness === undefined ? {} : { closeness: closeness * 0.8 }),
    ...(maxError === undefined ? {} : { maxError: maxError * 0.5 }),
  };
}

/** A bound on numbers was asked of a model that publishes none. */
export class NothingToBoundError extends VouchError {
  override readonly name = 'NothingToBoundError';

  constructor(outputs: readonly string[]) {
    super('a largest error was given, but no output is a real number', {
      metaMessages: [
        `outputs: ${outputs.join(', ')}; integers, booleans and classes either agree or do not`,
        'Leave the bound out, or publish the scores themselves.',
      ],
    });
  }
}

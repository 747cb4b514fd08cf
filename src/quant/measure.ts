import type { Graph, GraphNode, GraphOutput } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import { interpret, quantiseInputs, toReal } from './interpret.ts';
import type { QGraph } from './qgraph.ts';
import type { Sample } from './sample.ts';

/** What decides whether a precision is good enough: the winning class, or closeness of the numbers. */
export type Goal =
  | { readonly kind: 'agreement'; readonly output: number; readonly classes: number; readonly target: number }
  | { readonly kind: 'closeness'; readonly target: number };

/** Distance of the proved values to the reference over a set of samples. */
export interface Accuracy {
  readonly samples: number;
  readonly maxDelta: number;
  readonly meanDelta: number;
  /** 99.9 % of all output values differ by at most this. */
  readonly delta999: number;
  /** max |Δ| as a share of the reference's range. */
  readonly relativeDelta: number;
  /** Share of samples whose largest output is the same; 1 without a classifying output. */
  readonly agreement: number;
  /** Exact outputs (integers, booleans) that differ, as a share of all of them. */
  readonly flips: number;
}

/** Reference outputs of one sample, in the order of the graph's outputs. */
export type Reference = readonly Float64Array[];

/**
 * A classifier is recognised by an output of which only the argmax is published, else by its first real output of shape
 * [1, k] with k ≥ 2, else by one that is an argmax; anything else is judged by |Δ|.
 */
export function goalOf({ nodes, outputs }: Graph, agreementTarget: number, closenessTarget: number): Goal {
  const isScores = ({ shape, dtype }: GraphNode): boolean =>
    isReal(dtype) && shape.slice(0, -1).every((dim) => dim === 1) && (shape.at(-1) ?? 0) >= 2;
  const signs = [
    ({ visibility }: GraphOutput) => visibility === 'argmax',
    ({ node }: GraphOutput) => isScores(nodes[node]),
    ({ node }: GraphOutput) => nodes[node].kind === 'argmax',
  ];
  const output = signs.map((sign) => outputs.findIndex(sign)).find((found) => found >= 0);
  if (output === undefined) return { kind: 'closeness', target: closenessTarget };
  const chosen = nodes[outputs[output].node];
  const classes = chosen.kind === 'argmax' ? chosen.length : (chosen.shape.at(-1) ?? 0);
  return { kind: 'agreement', output, classes, target: agreementTarget };
}

export function meets(goal: Goal, accuracy: Accuracy): boolean {
  return goal.kind === 'agreement' ? accuracy.agreement >= goal.target : accuracy.relativeDelta <= goal.target;
}

/** The proved outputs of one sample, as reals. */
export function provedOutputs(graph: QGraph, sample: Sample): Float64Array[] {
  const values = interpret(graph, quantiseInputs(graph, sample));
  return graph.outputs.map(({ node }) => toReal(graph.nodes[node], values[node]));
}

/**
 * Runs the quantised graph over samples and compares it with the reference. With `patience`, stops as soon as more
 * samples disagree on the class than the goal allows, and returns `undefined`.
 */
export function measure(
  graph: QGraph,
  samples: readonly Sample[],
  references: readonly Reference[],
  goal: Goal,
  exact: readonly boolean[],
  patience = false,
): Accuracy | undefined {
  const allowed = goal.kind === 'agreement' ? Math.floor((1 - goal.target) * samples.length + 1e-9) : samples.length;
  const deltas: number[] = [];
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [disagreements, flipped, exactCount] = [0, 0, 0];
  for (const [s, sample] of samples.entries()) {
    const outputs = provedOutputs(graph, sample);
    for (const [o, got] of outputs.entries()) {
      const want = references[s][o];
      for (let i = 0; i < got.length; i++) {
        if (exact[o]) {
          exactCount++;
          if (got[i] !== want[i]) flipped++;
          continue;
        }
        deltas.push(Math.abs(got[i] - want[i]));
        lo = Math.min(lo, want[i]);
        hi = Math.max(hi, want[i]);
      }
    }
    if (goal.kind === 'agreement' && !agrees(outputs[goal.output], references[s][goal.output], exact[goal.output])) {
      disagreements++;
    }
    if (patience && disagreements > allowed) return undefined;
  }
  deltas.sort((a, b) => a - b);
  const maxDelta = deltas.at(-1) ?? 0;
  return {
    samples: samples.length,
    maxDelta,
    meanDelta: deltas.length === 0 ? 0 : deltas.reduce((sum, d) => sum + d, 0) / deltas.length,
    delta999: deltas[Math.floor(0.999 * (deltas.length - 1))] ?? 0,
    relativeDelta: hi > lo ? maxDelta / (hi - lo) : maxDelta,
    agreement: samples.length === 0 ? 1 : 1 - disagreements / samples.length,
    flips: exactCount === 0 ? 0 : flipped / exactCount,
  };
}

/** Whether both name the same class: by their largest element, or by all of them where they are classes themselves. */
function agrees(got: Float64Array, want: Float64Array, exact: boolean): boolean {
  return exact ? got.every((label, i) => label === want[i]) : winner(got) === winner(want);
}

/** Index of the largest value, the first on ties. */
export function winner(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

import { type Goal, type Target, targets } from './goal.ts';
import { interpret, quantiseInputs, toReal } from './interpret.ts';
import type { QGraph } from './qgraph.ts';
import type { Sample } from './sample.ts';

/** Distance of the proved values to the reference over a set of samples. */
export interface Accuracy {
  readonly samples: number;
  readonly maxDelta: number;
  readonly meanDelta: number;
  /** 99.9 % of all output values differ by at most this. */
  readonly delta999: number;
  /** max |Δ| as a share of the reference's range, of the output where that is largest. */
  readonly relativeDelta: number;
  /** Share of samples whose largest output is the same; 1 without a classifying output. */
  readonly agreement: number;
  /** Exact outputs (integers, booleans) that differ, as a share of all of them. */
  readonly flips: number;
}

/** Reference outputs of one sample, in the order of the graph's outputs. */
export type Reference = readonly Float64Array[];

/** The targets that measured values do not meet. */
export function missedTargets(goal: Goal, accuracy: Accuracy): Target[] {
  const held: Record<Target, boolean> = {
    agreement: goal.agreement === undefined || accuracy.agreement >= goal.agreement.target,
    closeness: goal.closeness === undefined || accuracy.relativeDelta <= goal.closeness,
    maxError: goal.maxError === undefined || accuracy.maxDelta <= goal.maxError,
  };
  return targets.filter((target) => !held[target]);
}

export const meets = (goal: Goal, accuracy: Accuracy): boolean => missedTargets(goal, accuracy).length === 0;

/** The proved outputs of one sample, as reals. */
export function provedOutputs(graph: QGraph, sample: Sample): Float64Array[] {
  const values = interpret(graph, quantiseInputs(graph, sample));
  return graph.outputs.map(({ node }) => toReal(graph.nodes[node], values[node]));
}

/** Runs the quantised graph over samples and compares it with the reference; `exact` says which outputs are integers. */
export function measure(
  graph: QGraph,
  samples: readonly Sample[],
  references: readonly Reference[],
  goal: Goal,
  exact: readonly boolean[],
): Accuracy {
  const tally = createTally(references, exact);
  for (const [s, sample] of samples.entries()) count(tally, provedOutputs(graph, sample), references[s], goal);
  return summarise(tally);
}

/** The same, but ends at the first sample after which a target can no longer be met, and returns that target. */
export function measureUntilMissed(
  graph: QGraph,
  samples: readonly Sample[],
  references: readonly Reference[],
  goal: Goal,
  exact: readonly boolean[],
): Accuracy | Target {
  const tally = createTally(references, exact);
  for (const [s, sample] of samples.entries()) {
    count(tally, provedOutputs(graph, sample), references[s], goal);
    const missed = lostTarget(tally, goal, samples.length);
    if (missed !== undefined) return missed;
  }
  const accuracy = summarise(tally);
  return missedTargets(goal, accuracy)[0] ?? accuracy;
}

interface Tally {
  readonly exact: readonly boolean[];
  /** By output, how far the reference's values lie apart. */
  readonly spans: readonly number[];
  /** By output, the largest |Δ|; infinite where the reference is no number. */
  readonly worst: number[];
  readonly deltas: number[];
  samples: number;
  disagreements: number;
  flipped: number;
  exactCount: number;
}

function createTally(references: readonly Reference[], exact: readonly boolean[]): Tally {
  const spans = exact.map((_, o) => {
    let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const reference of references) {
      for (const v of reference[o]) {
        lo = Math.min(lo, v);
        hi = Math.max(hi, v);
      }
    }
    return hi - lo;
  });
  const worst = exact.map(() => 0);
  return { exact, spans, worst, deltas: [], samples: 0, disagreements: 0, flipped: 0, exactCount: 0 };
}

function count(tally: Tally, outputs: readonly Float64Array[], reference: Reference, { agreement }: Goal): void {
  const { exact, worst, deltas } = tally;
  tally.samples++;
  for (const [o, got] of outputs.entries()) {
    const want = reference[o];
    for (let i = 0; i < got.length; i++) {
      if (exact[o]) {
        tally.exactCount++;
        if (got[i] !== want[i]) tally.flipped++;
        continue;
      }
      const delta = Number.isNaN(want[i]) ? Number.POSITIVE_INFINITY : Math.abs(got[i] - want[i]);
      deltas.push(delta);
      if (delta > worst[o]) worst[o] = delta;
    }
  }
  if (agreement === undefined) return;
  const { output } = agreement;
  if (!agrees(outputs[output], reference[output], exact[output])) tally.disagreements++;
}

function lostTarget(tally: Tally, { agreement, closeness, maxError }: Goal, samples: number): Target | undefined {
  if (agreement !== undefined) {
    const allowed = Math.floor((1 - agreement.target) * samples + 1e-9);
    if (tally.disagreements > allowed) return 'agreement';
  }
  if (maxError !== undefined && tally.worst.some((delta) => delta > maxError)) return 'maxError';
  return closeness !== undefined && !(largestShare(tally) <= closeness) ? 'closeness' : undefined;
}

/** Of an output that is always the same, |Δ| itself. */
function largestShare({ worst, spans }: Tally): number {
  return Math.max(0, ...worst.map((delta, o) => (spans[o] > 0 ? delta / spans[o] : delta)));
}

function summarise(tally: Tally): Accuracy {
  const { samples, worst, deltas, disagreements, flipped, exactCount } = tally;
  deltas.sort((a, b) => a - b);
  return {
    samples,
    maxDelta: Math.max(0, ...worst),
    meanDelta: deltas.length === 0 ? 0 : deltas.reduce((sum, d) => sum + d, 0) / deltas.length,
    delta999: deltas[Math.floor(0.999 * (deltas.length - 1))] ?? 0,
    relativeDelta: largestShare(tally),
    agreement: samples === 0 ? 1 : 1 - disagreements / samples,
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

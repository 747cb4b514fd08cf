import { VouchError } from '../errors.ts';
import { type Graph, inputsOf } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import { observe } from './calibrate.ts';
import { domainOf, predictTotal } from './cost.ts';
import type { Goal, Target } from './goal.ts';
import { type Accuracy, measure, measureUntilMissed, missedTargets, type Reference } from './measure.ts';
import type { InputGrid, Observed, Precision, RangePolicy } from './precision.ts';
import { type QuantisedModel, type QuantiseOptions, quantise } from './quantise.ts';
import type { Sample } from './sample.ts';

export interface SearchOptions {
  readonly policy: RangePolicy;
  /** What the search aims at; stricter than `heldOutGoal`, because samples it has seen flatter it. */
  readonly goal: Goal;
  readonly heldOutGoal: Goal;
  /** The grids of all inputs when reals without one of their own have so many bits. */
  readonly gridsAt: (inputBits: number) => ReadonlyMap<string, InputGrid>;
  readonly inputBits: number;
  /** Where given, the search chooses the bits of inputs too, up to so many. */
  readonly mostInputBits?: number | undefined;
  /** Samples the search may look at, with the reference outputs of each. */
  readonly samples: readonly Sample[];
  readonly references: readonly Reference[];
  /** Samples it may not look at: the chosen point must hold on them too. */
  readonly heldOut: readonly Sample[];
  readonly heldOutReferences: readonly Reference[];
  /** Multiplications the search may spend on evaluating candidates; the same budget gives the same result. */
  readonly budget?: number;
  readonly onStep?: (step: SearchStep) => void;
  /** Ends the search before its next step; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One point of the accuracy/cost frontier. */
export interface SearchStep {
  readonly constraints: number;
  readonly domain: number;
  readonly accuracy: Accuracy;
  readonly precision: Precision;
}

/** A search under way: what it works on, and what it has spent and refused so far. */
export interface Search {
  readonly graph: Graph;
  readonly options: SearchOptions;
  readonly observed: readonly Observed[];
  readonly exact: readonly boolean[];
  readonly macs: number;
  /** What each refused precision missed; one that is chosen all the same is found by its key. */
  readonly refused: Map<Precision, readonly Target[]>;
  spent: number;
}

/** Multiplications one evaluation may take: large models are judged on fewer samples, never on fewer than these. */
const evaluationBudget = 4e8;
const fewestSamples = 32;
/** Quantising walks a model about this often: values, bounds and errors, positive and negative parts. */
const walksPerBuild = 8;

export function createSearch(graph: Graph, options: SearchOptions): Search {
  const macs = multiplications(graph);
  const count = Math.max(fewestSamples, Math.floor(evaluationBudget / macs));
  return {
    graph,
    options: { ...options, samples: options.samples.slice(0, count), references: options.references.slice(0, count) },
    observed: observe(graph, options.samples.slice(0, 500)),
    exact: graph.outputs.map(({ node }) => !isReal(graph.nodes[node].dtype)),
    macs,
    refused: new Map(),
    spent: 0,
  };
}

export function quantiseOptions({ options, observed }: Search, precision: Precision): QuantiseOptions {
  return { precision, policy: options.policy, observed, grids: options.gridsAt(precision.inputBits) };
}

/** The model at a precision, to see what it costs; `undefined` where integers cannot express it. */
export function build(search: Search, precision: Precision): QuantisedModel | undefined {
  search.spent += walksPerBuild * search.macs;
  try {
    return quantise(search.graph, quantiseOptions(search, precision));
  } catch (error) {
    if (error instanceof VouchError) return undefined;
    throw error;
  }
}

/** The step to a precision, or `undefined` if it misses a target on the samples. */
export function attempt(search: Search, precision: Precision): SearchStep | undefined {
  const model = quantise(search.graph, quantiseOptions(search, precision));
  const { samples, references, goal } = search.options;
  search.spent += search.macs * samples.length;
  const accuracy = measureUntilMissed(model.graph, samples, references, goal, search.exact);
  if (typeof accuracy !== 'string') return stepOf(model, accuracy, precision);
  search.refused.set(precision, [accuracy]);
  return undefined;
}

/** The step to a precision, whatever it misses. */
export function measureStep(search: Search, precision: Precision): SearchStep {
  const model = quantise(search.graph, quantiseOptions(search, precision));
  const { samples, references, goal } = search.options;
  return stepOf(model, measure(model.graph, samples, references, goal, search.exact), precision);
}

function stepOf({ graph, ranges }: QuantisedModel, accuracy: Accuracy, precision: Precision): SearchStep {
  const constraints = predictTotal(graph, ranges);
  return { constraints, domain: domainOf(constraints), accuracy, precision };
}

/** What a step is worth on the samples that the search has not seen. */
export function measureHeldOut(
  search: Search,
  { precision }: SearchStep,
): { readonly model: QuantisedModel; readonly accuracy: Accuracy; readonly missed: readonly Target[] } {
  const { heldOut, heldOutReferences, heldOutGoal } = search.options;
  const model = quantise(search.graph, quantiseOptions(search, precision));
  const accuracy = measure(model.graph, heldOut, heldOutReferences, heldOutGoal, search.exact);
  const missed = missedTargets(heldOutGoal, accuracy);
  if (missed.length > 0) search.refused.set(precision, missed);
  return { model, accuracy, missed };
}

/** Multiply-accumulates of one evaluation, at least one per input element. */
export function multiplications(graph: Graph): number {
  let total = 0;
  for (const node of graph.nodes) {
    if (node.kind === 'affine') total += node.weight.length * node.positions;
    if (node.kind === 'matmul') total += node.batch * node.m * node.n * node.k;
  }
  return total + inputsOf(graph).reduce((sum, { node }) => sum + node.shape.reduce((p, d) => p * d, 1), 0);
}

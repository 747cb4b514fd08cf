import { setImmediate } from 'node:timers/promises';
import { VouchError } from '../errors.ts';
import { type Graph, type GraphNode, inputsOf } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import { observe } from './calibrate.ts';
import { domainOf, predictTotal } from './cost.ts';
import { type Accuracy, type Goal, measure, meets, type Reference } from './measure.ts';
import type { InputGrid, Observed, Precision, RangePolicy } from './precision.ts';
import { type QuantisedModel, quantise } from './quantise.ts';
import type { Sample } from './sample.ts';

export interface SearchOptions {
  readonly policy: RangePolicy;
  /** What the search aims at; stricter than `heldOutGoal`, because samples it has seen flatter it. */
  readonly goal: Goal;
  readonly heldOutGoal: Goal;
  readonly grids: ReadonlyMap<string, InputGrid>;
  /** Samples the search may look at, with the reference outputs of each. */
  readonly samples: readonly Sample[];
  readonly references: readonly Reference[];
  /** Samples it may not look at: the chosen point must hold on them too. */
  readonly heldOut: readonly Sample[];
  readonly heldOutReferences: readonly Reference[];
  readonly inputBits: number;
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

export interface SearchResult {
  readonly model: QuantisedModel;
  readonly chosen: SearchStep;
  readonly frontier: readonly SearchStep[];
  readonly heldOut: Accuracy;
  readonly observed: readonly Observed[];
}

const defaultBudget = 1e10;
/** Multiplications one evaluation may take: large models are judged on fewer samples, never on fewer than these. */
const evaluationBudget = 4e8;
const fewestSamples = 32;
/** Quantising walks a model about this often: values, bounds and errors, positive and negative parts. */
const walksPerBuild = 8;
const startBits = [6, 8, 10, 12, 14, 16];

interface Search {
  readonly graph: Graph;
  readonly options: SearchOptions;
  readonly observed: readonly Observed[];
  readonly exact: readonly boolean[];
  readonly macs: number;
  /** Settings that failed once: with fewer bits elsewhere they would fail again. */
  readonly exhausted: Set<string>;
  spent: number;
}

/**
 * Finds the cheapest precision that meets the goal: first one setting for all layers, then bit by bit per layer,
 * always the step that saves most (padded domain first, then constraints). Deterministic. The chosen point is checked
 * on held-out samples and the search steps back along its frontier until it holds there.
 */
export async function searchPrecision(graph: Graph, options: SearchOptions): Promise<SearchResult> {
  const macs = multiplications(graph);
  const count = Math.max(fewestSamples, Math.floor(evaluationBudget / macs));
  const search: Search = {
    graph,
    options: { ...options, samples: options.samples.slice(0, count), references: options.references.slice(0, count) },
    observed: observe(graph, options.samples.slice(0, 500)),
    exact: graph.outputs.map(({ node }) => !isReal(graph.nodes[node].dtype)),
    macs,
    exhausted: new Set(),
    spent: 0,
  };
  const start = await firstUniform(search);
  const frontier = [start];
  options.onStep?.(start);
  for (;;) {
    await breathe(options);
    const next = cheaperNeighbour(search, frontier[frontier.length - 1]);
    if (next === undefined) break;
    frontier.push(next);
    options.onStep?.(next);
  }
  return settle(search, frontier);
}

/** Lets the event loop turn, so that others run and a cancellation is heard. */
async function breathe({ signal }: SearchOptions): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** The coarsest uniform setting that meets the goal, or the finest that can be built at all. */
async function firstUniform(search: Search): Promise<SearchStep> {
  let finest: SearchStep | undefined;
  let failure: unknown;
  for (const bits of startBits) {
    await breathe(search.options);
    const precision = { activationBits: bits, weightBits: bits, inputBits: search.options.inputBits, nodes: new Map() };
    try {
      const step = tryPrecision(search, precision, false);
      if (step === undefined) continue;
      finest = step;
      if (meets(search.options.goal, step.accuracy)) return step;
    } catch (error) {
      if (!(error instanceof VouchError)) throw error;
      failure ??= error;
    }
  }
  if (finest === undefined) throw failure;
  return finest;
}

/** All one-bit savings, best first; the first that still meets the goal wins. */
function cheaperNeighbour(search: Search, from: SearchStep): SearchStep | undefined {
  const candidates: { readonly change: Change; readonly constraints: number; readonly domain: number }[] = [];
  for (const change of neighbours(search, from.precision)) {
    const built = build(search, change.precision);
    if (built === undefined) continue;
    const constraints = predictTotal(built.graph, built.ranges);
    if (constraints < from.constraints) candidates.push({ change, constraints, domain: domainOf(constraints) });
  }
  candidates.sort((a, b) => a.domain - b.domain || a.constraints - b.constraints);
  const cheap = search.spent < budgetOf(search) / 20;
  const worthwhile = Math.max(1, from.constraints * (cheap ? 2e-4 : 1e-3));
  for (const candidate of candidates) {
    if (from.constraints - candidate.constraints < worthwhile && candidate.domain === from.domain) return undefined;
    if (search.spent > budgetOf(search)) return undefined;
    const step = tryPrecision(search, candidate.change.precision, true);
    if (step !== undefined && meets(search.options.goal, step.accuracy)) return step;
    search.exhausted.add(candidate.change.key);
  }
  return undefined;
}

const budgetOf = ({ options }: Search): number => options.budget ?? defaultBudget;

interface Change {
  /** Which setting of which node. */
  readonly key: string;
  readonly precision: Precision;
}

/** Above this many tunable settings, nodes of the same operator and kind share theirs (unrolled networks). */
const maxSingles = 24;

/** Every setting that gives one tunable layer (or group of like nodes) one bit less and has not failed yet. */
function neighbours(search: Search, precision: Precision): Change[] {
  const { activations, weights } = tunable(search, precision);
  const grouped = activations.length + weights.length > maxSingles;
  const groups = new Map<string, { readonly setting: Setting; readonly ids: number[] }>();
  const collect = (setting: Setting, id: number): void => {
    const key = `${setting} ${grouped ? likeness(search.graph.nodes[id]) : id}`;
    const group = groups.get(key) ?? { setting, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  };
  for (const id of weights) collect('weightBits', id);
  for (const id of activations) collect('activationBits', id);
  return [...groups].flatMap(([key, { setting, ids }]) => {
    const bitsOf = (id: number): number => precision.nodes.get(id)?.[setting] ?? precision[setting];
    if (search.exhausted.has(key) || ids.some((id) => bitsOf(id) <= 1)) return [];
    const nodes = new Map(precision.nodes);
    for (const id of ids) nodes.set(id, { ...nodes.get(id), [setting]: bitsOf(id) - 1 });
    return [{ key, precision: { ...precision, nodes } }];
  });
}

type Setting = 'weightBits' | 'activationBits';

function likeness(node: GraphNode): string {
  return `${node.origin.op} ${node.kind} ${node.kind === 'function' ? node.fn.name : ''}`;
}

/** The nodes whose setting a rule actually consults. */
function tunable(search: Search, precision: Precision): { activations: number[]; weights: number[] } {
  const activations = new Set<number>();
  const weights = new Set<number>();
  quantise(search.graph, {
    ...quantiseOptions(search, precision),
    consulted: (what, id) => (what === 'activation' ? activations : weights).add(id),
  });
  const ascending = (a: number, b: number): number => a - b;
  return { activations: [...activations].sort(ascending), weights: [...weights].sort(ascending) };
}

function quantiseOptions({ options, observed }: Search, precision: Precision) {
  return { precision, policy: options.policy, observed, grids: options.grids };
}

function build(search: Search, precision: Precision): QuantisedModel | undefined {
  search.spent += walksPerBuild * search.macs;
  try {
    return quantise(search.graph, quantiseOptions(search, precision));
  } catch (error) {
    if (error instanceof VouchError) return undefined;
    throw error;
  }
}

function tryPrecision(search: Search, precision: Precision, patience: boolean): SearchStep | undefined {
  const model = quantise(search.graph, quantiseOptions(search, precision));
  const { samples, references, goal } = search.options;
  const accuracy = measure(model.graph, samples, references, goal, search.exact, patience);
  search.spent += search.macs * samples.length;
  if (accuracy === undefined) return undefined;
  const constraints = predictTotal(model.graph, model.ranges);
  return { constraints, domain: domainOf(constraints), accuracy, precision };
}

/** Walks back from the cheapest point until one holds on samples the search has not seen. */
function settle(search: Search, frontier: readonly SearchStep[]): SearchResult {
  const { heldOut, heldOutReferences, heldOutGoal: goal } = search.options;
  for (let i = frontier.length - 1; i >= 0; i--) {
    const chosen = frontier[i];
    const model = quantise(search.graph, quantiseOptions(search, chosen.precision));
    const accuracy = measure(model.graph, heldOut, heldOutReferences, goal, search.exact);
    if (accuracy === undefined) continue;
    if (meets(goal, accuracy) || i === 0)
      return { model, chosen, frontier, heldOut: accuracy, observed: search.observed };
  }
  throw new VouchError('no precision was found');
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

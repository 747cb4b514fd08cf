import { setImmediate } from 'node:timers/promises';
import { VouchError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { domainOf, predictTotal } from './cost.ts';
import { type Goal, type Target, targets } from './goal.ts';
import { type Accuracy, meets, missedTargets } from './measure.ts';
import { type Change, neighbours } from './neighbours.ts';
import type { InputGrid, Observed, Precision } from './precision.ts';
import type { QuantisedModel } from './quantise.ts';
import {
  attempt,
  build,
  createSearch,
  measureHeldOut,
  measureStep,
  type Search,
  type SearchOptions,
  type SearchStep,
} from './trial.ts';

export interface SearchResult {
  readonly model: QuantisedModel;
  readonly chosen: SearchStep;
  readonly frontier: readonly SearchStep[];
  readonly heldOut: Accuracy;
  readonly goalMet: boolean;
  readonly observed: readonly Observed[];
  readonly grids: ReadonlyMap<string, InputGrid>;
  /** How many of the precisions that were tried, but not chosen, each target refused. */
  readonly refused: Readonly<Record<Target, number>>;
  /** The target that refused most of them; null where nothing was refused. */
  readonly decidedBy: Target | null;
}

const defaultBudget = 1e10;
const startBits = [6, 8, 10, 12, 14, 16];
/** Further starts where numbers are bounded: as fine as the float model's own. */
const fineBits = [18, 20, 22, 24];

/**
 * Finds the cheapest precision that meets the goal: first one setting for all layers, then bit by bit per layer,
 * always the step that saves most (padded domain first, then constraints). Deterministic. The chosen point is checked
 * on held-out samples and the search steps back along its frontier until it holds there. A goal that no precision meets
 * is reported as such; one with a `maxError` is an error.
 */
export async function searchPrecision(graph: Graph, options: SearchOptions): Promise<SearchResult> {
  const search = createSearch(graph, options);
  const bounded = options.heldOutGoal.maxError !== undefined;
  const built: Precision[] = [];
  let failure: VouchError | undefined;
  for (const bits of bounded ? [...startBits, ...fineBits] : startBits) {
    await breathe(options);
    const precision = uniform(options, bits);
    const start = tryUniform(search, precision);
    if (start instanceof VouchError) {
      failure ??= start;
      continue;
    }
    built.push(precision);
    if (start === undefined) continue;
    const result = settle(search, await descend(search, start));
    if (result.goalMet || !bounded) return result;
  }
  if (built.length === 0) throw failure;
  if (bounded) return nearest(search, built, failure);
  return settle(search, await descend(search, measureStep(search, built[built.length - 1])));
}

/** The cheapest uniform setting that meets the goal itself where none meets the stricter one. */
async function nearest(
  search: Search,
  built: readonly Precision[],
  failure: VouchError | undefined,
): Promise<SearchResult> {
  const goal = search.options.heldOutGoal;
  const results: SearchResult[] = [];
  for (const precision of built) {
    await breathe(search.options);
    const result = settle(search, [measureStep(search, precision)]);
    if (result.goalMet && meets(goal, result.chosen.accuracy)) return result;
    results.push(result);
  }
  const closest = results.reduce((best, result) => (worstOf(result).maxDelta < worstOf(best).maxDelta ? result : best));
  throw new GoalMissedError(goal, closest, failure);
}

type Worst = Pick<Accuracy, 'maxDelta' | 'relativeDelta' | 'agreement'>;

/** What holds on the samples that the search saw and on those it did not. */
function worstOf({ chosen: { accuracy }, heldOut }: SearchResult): Worst {
  return {
    maxDelta: Math.max(accuracy.maxDelta, heldOut.maxDelta),
    relativeDelta: Math.max(accuracy.relativeDelta, heldOut.relativeDelta),
    agreement: Math.min(accuracy.agreement, heldOut.agreement),
  };
}

function uniform({ inputBits, mostInputBits = inputBits }: SearchOptions, bits: number): Precision {
  const ofInputs = Math.min(Math.max(inputBits, bits), mostInputBits);
  return { activationBits: bits, weightBits: bits, inputBits: ofInputs, nodes: new Map() };
}

/** The step, or why it cannot be built; `undefined` if it misses a target. */
function tryUniform(search: Search, precision: Precision): SearchStep | VouchError | undefined {
  try {
    return attempt(search, precision);
  } catch (error) {
    if (error instanceof VouchError) return error;
    throw error;
  }
}

/** Lets the event loop turn, so that others run and a cancellation is heard. */
async function breathe({ signal }: SearchOptions): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** From a start to ever cheaper neighbours. */
async function descend(search: Search, start: SearchStep): Promise<readonly SearchStep[]> {
  const { options } = search;
  const frontier = [start];
  /** Settings that failed once: with fewer bits elsewhere they would fail again. */
  const exhausted = new Set<string>();
  options.onStep?.(start);
  for (;;) {
    await breathe(options);
    const next = cheaperNeighbour(search, frontier[frontier.length - 1], exhausted);
    if (next === undefined) return frontier;
    frontier.push(next);
    options.onStep?.(next);
  }
}

/** All one-bit savings, best first; the first that still meets the goal wins. */
function cheaperNeighbour(search: Search, from: SearchStep, exhausted: Set<string>): SearchStep | undefined {
  const candidates: { readonly change: Change; readonly constraints: number; readonly domain: number }[] = [];
  for (const change of neighbours(search, from.precision, exhausted)) {
    const built = build(search, change.precision);
    if (built === undefined) continue;
    const constraints = predictTotal(built.graph, built.ranges);
    if (constraints < from.constraints) candidates.push({ change, constraints, domain: domainOf(constraints) });
  }
  candidates.sort((a, b) => a.domain - b.domain || a.constraints - b.constraints);
  const cheap = search.spent < budgetOf(search) / 20;
  const worthwhile = Math.max(1, from.constraints * (cheap ? 2e-4 : 1e-3));
  for (const { change, constraints, domain } of candidates) {
    if (from.constraints - constraints < worthwhile && domain === from.domain) return undefined;
    if (search.spent > budgetOf(search)) return undefined;
    const step = attempt(search, change.precision);
    if (step !== undefined) return step;
    exhausted.add(change.key);
  }
  return undefined;
}

const budgetOf = ({ options }: Search): number => options.budget ?? defaultBudget;

/** Walks back from the cheapest point until one holds on samples the search has not seen, at most to the first. */
function settle(search: Search, frontier: readonly SearchStep[]): SearchResult {
  for (let i = frontier.length - 1; ; i--) {
    const chosen = frontier[i];
    const { model, accuracy, missed } = measureHeldOut(search, chosen);
    if (missed.length > 0 && i > 0) continue;
    const { observed, options } = search;
    const refused = refusals(search, chosen);
    return {
      model,
      chosen,
      frontier,
      heldOut: accuracy,
      goalMet: missed.length === 0,
      observed,
      grids: options.gridsAt(chosen.precision.inputBits),
      refused,
      decidedBy: mostRefusing(refused),
    };
  }
}

function refusals({ refused }: Search, chosen: SearchStep): Record<Target, number> {
  const counts = { agreement: 0, closeness: 0, maxError: 0 };
  for (const [precision, missed] of refused) {
    if (precision !== chosen.precision) for (const target of missed) counts[target]++;
  }
  return counts;
}

function mostRefusing(refused: Readonly<Record<Target, number>>): Target | null {
  return targets.reduce<Target | null>((most, target) => {
    return refused[target] > (most === null ? 0 : refused[most]) ? target : most;
  }, null);
}

/** No precision that was tried brings the proved values as near to the float model's as was asked. */
export class GoalMissedError extends VouchError {
  override readonly name = 'GoalMissedError';
  /** At the precision whose numbers came nearest, the worse of both sets of samples. */
  readonly nearest: Worst;
  /** What that precision misses. */
  readonly missed: readonly Target[];

  constructor(goal: Goal, result: SearchResult, failure: VouchError | undefined) {
    const { agreement, closeness, maxError } = goal;
    const nearest = worstOf(result);
    const missed = missedTargets(goal, { ...result.heldOut, ...nearest });
    const { weightBits, activationBits, inputBits } = result.chosen.precision;
    const share = closeness === undefined ? '' : ` and within ${closeness} of its range`;
    const also = agreement === undefined ? '' : ` with top-1 agreement of at least ${agreement.target}`;
    const reached = [
      `max |Δ| ${nearest.maxDelta}`,
      ...(closeness === undefined ? [] : [`${nearest.relativeDelta} of the range`]),
      ...(agreement === undefined ? [] : [`agreement ${nearest.agreement}`]),
    ];
    super(`no precision that was tried keeps max |Δ| to the float model within ${maxError}${share}${also}`, {
      metaMessages: [
        `nearest: ${reached.join(', ')}`,
        `at ${weightBits} bits for weights, ${activationBits} for activations, ${inputBits} for inputs`,
        `it misses ${missed.map((target) => targetNames[target]).join(' and ')}`,
        ...(failure === undefined ? [] : [`others cannot be built: ${failure.shortMessage}`]),
        adviceFor(missed, nearest),
      ],
    });
    this.nearest = nearest;
    this.missed = missed;
  }
}

const targetNames: Readonly<Record<Target, string>> = {
  agreement: 'agreement',
  closeness: 'closeness',
  maxError: 'the error',
};

function adviceFor(missed: readonly Target[], { maxDelta, relativeDelta, agreement }: Worst): string {
  if (!Number.isFinite(maxDelta)) {
    return 'On some samples the float model gives no finite number: leave these samples out.';
  }
  const others = 'give inputs more bits or narrower bounds, or use calibrated ranges.';
  if (missed.includes('agreement') && agreement === 0) return `No sample keeps its class: ${others}`;
  const allowed: Readonly<Record<Target, string>> = {
    agreement: `an agreement of ${roundDown(agreement)}`,
    closeness: `a closeness of ${roundUp(relativeDelta)}`,
    maxError: `an error of ${roundUp(maxDelta)}`,
  };
  return `Allow ${missed.map((target) => allowed[target]).join(' and ')}, ${others}`;
}

/** Two significant digits, never less than the value. */
function roundUp(value: number): number {
  if (value === 0) return value;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(2));
}

/** Three decimals, never more than the value and never nothing. */
function roundDown(value: number): number {
  const rounded = Math.floor(value * 1000) / 1000;
  return rounded > 0 && rounded <= value ? rounded : value;
}

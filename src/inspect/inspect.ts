import { type Graph, type GraphNode, inputsOf } from '../graph/graph.ts';
import { simplify } from '../graph/passes/simplify.ts';
import { withVisibility } from '../graph/visibility.ts';
import { importModel } from '../onnx/import.ts';
import { readModelFile } from '../onnx/read.ts';
import { inputGrids } from '../quant/calibrate.ts';
import { publicSignals } from '../quant/cost/publish.ts';
import { predictCosts } from '../quant/cost.ts';
import { goalOf, stricter } from '../quant/goal.ts';
import type { InputGrid, Observed, RangePolicy } from '../quant/precision.ts';
import type { Sample } from '../quant/sample.ts';
import { type SearchResult, searchPrecision } from '../quant/search.ts';
import { treeFlips } from '../quant/tree-flips.ts';
import { multiplications, type SearchStep } from '../quant/trial.ts';
import { extremes, signedWidth, span } from '../quant/width.ts';
import type { Visibility } from '../tensor/visibility.ts';
import { predictGas, predictProvingMs } from './predict.ts';
import { referenceOutputs } from './reference.ts';
import type { InspectReport, NodeReport, PrecisionReport } from './report.ts';
import { assumedBounds, synthesise } from './synthesise.ts';

export interface InspectOptions {
  readonly dims?: Readonly<Record<string, number>>;
  readonly policy?: RangePolicy;
  /** Declared bounds of inputs; they win over what the data shows. */
  readonly bounds?: ReadonlyMap<string, Observed>;
  /** Calibration samples, made from the model's inputs; synthesised within the bounds when absent. */
  readonly samples?: (inputs: readonly { name: string; shape: readonly number[] }[]) => Promise<readonly Sample[]>;
  readonly dataSource?: string;
  /** Least share of samples on which a classifier's class must stay the same; 0.995 if not said. */
  readonly agreement?: number | undefined;
  /** Most |Δ| as a share of an output's range; 0.01 if not said, of models that neither classify nor have a `maxError`. */
  readonly closeness?: number | undefined;
  /** Most |Δ| of any real output on the samples, beside the other targets; `GoalMissedError` where one is missed. */
  readonly maxError?: number | undefined;
  /** Bits of real inputs without a grid of their own; if not said 10, or as many as `maxError` needs. */
  readonly inputBits?: number | undefined;
  readonly visibility?: Visibility;
  readonly onProgress?: (stage: string, step?: SearchStep) => void;
  /** Ends the work at its next step; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Sees the graph that each simplifying pass leaves. */
  readonly afterPass?: (pass: string, graph: Graph) => void;
}

/** The model, its quantisation and what both will cost: everything short of building a circuit. */
export interface Inspection {
  readonly report: InspectReport;
  readonly graph: Graph;
  readonly result: SearchResult;
  readonly policy: RangePolicy;
  readonly grids: ReadonlyMap<string, InputGrid>;
  readonly visibility: Visibility;
  /** The samples that were given; undefined where they were synthesised. */
  readonly calibration: readonly Sample[] | undefined;
}

const synthesisedSamples = 64;
const usualInputBits = 10;
/** As fine as the float model's own numbers. */
const mostInputBits = 24;

/** Reads a model, finds the cheapest precision that meets the goal, and reports accuracy and predicted cost. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const { policy = { name: 'worst-case' }, bounds = new Map(), visibility = {}, onProgress } = options;
  onProgress?.('import');
  const { model: onnx, sha256, externalDataSha256 } = readModelFile(path);
  const imported = importModel(onnx, options.dims === undefined ? {} : { dims: options.dims });
  const graph = withVisibility(simplify(imported.graph, options.afterPass), visibility);
  const goal = goalOf(graph, options);
  const inputs = inputsOf(graph).map(({ node }) => node);
  const given = await options.samples?.(inputs);
  const limits =
    given === undefined
      ? new Map(inputs.map((node) => [node.name, bounds.get(node.name) ?? assumedBounds(node)]))
      : bounds;
  const samples = given ?? synthesise(inputs, limits, synthesisedSamples);
  onProgress?.('reference');
  const { references, description } = await referenceOutputs(path, graph, samples);
  const { search, heldOut } = split(samples.length);
  const pick = <T>(items: readonly T[], [from, to]: readonly [number, number]): readonly T[] => items.slice(from, to);
  const gridsAt = remembered((inputBits) => inputGrids(graph, samples, inputBits, limits));
  onProgress?.('search');
  const result = await searchPrecision(graph, {
    policy,
    goal: stricter(goal),
    heldOutGoal: goal,
    gridsAt,
    inputBits: options.inputBits ?? usualInputBits,
    mostInputBits: options.inputBits === undefined && goal.maxError !== undefined ? mostInputBits : undefined,
    samples: pick(samples, search),
    references: pick(references, search),
    heldOut: pick(samples, heldOut),
    heldOutReferences: pick(references, heldOut),
    onStep: (step) => onProgress?.('search', step),
    signal: options.signal,
  });
  const { grids, goalMet, refused, decidedBy } = result;
  const { graph: quantised, ranges, outputErrors } = result.model;
  const signals = publicSignals(quantised, ranges);
  const flips = treeFlips(graph, result.model, pick(samples, heldOut));
  const report: InspectReport = {
    model: {
      path,
      sha256,
      externalDataSha256,
      producer: onnx.producer,
      opsets: Object.fromEntries(
        [...onnx.opsets].map(([domain, version]) => [domain === '' ? 'ai.onnx' : domain, version]),
      ),
    },
    inputs: inputs.map(({ name, dtype, shape, visibility = 'private' }) => {
      const grid = grids.get(name) ?? { scale: 1, zero: 0, lo: 0, bits: 1 };
      const { zero } = grid;
      const columns = (grid.columns ?? [grid]).map((column) => ({
        lo: column.lo * column.scale + zero,
        hi: (column.lo + 2 ** column.bits - 1) * column.scale + zero,
        scale: column.scale,
        bits: column.bits,
      }));
      const lo = Math.min(...columns.map((column) => column.lo));
      const hi = Math.max(...columns.map((column) => column.hi));
      const boundsFrom = bounds.has(name) ? 'option' : given === undefined ? 'assumed' : 'data';
      const { scale, bits } = grid;
      const common = { name, dtype, shape, visibility, lo, hi, scale, zero, bits, boundsFrom } as const;
      return grid.columns === undefined ? common : { ...common, columns };
    }),
    outputs: graph.outputs.map(({ name, node, visibility = 'public' }, i) => {
      const { dtype, shape } = graph.nodes[node];
      const q = quantised.outputs[i].node;
      const { scale } = quantised.nodes[q];
      return { name, dtype, shape, visibility, scale, bits: signedWidth(...span(ranges[q])) };
    }),
    operators: countOperators(imported.operators),
    parameters: graph.nodes.reduce((sum, node) => sum + parametersOf(node), 0),
    macs: multiplications(graph),
    reference: description,
    data: {
      source:
        given === undefined
          ? `${synthesisedSamples} synthesised samples within the bounds`
          : (options.dataSource ?? 'calibration data'),
      searchSamples: search[1] - search[0],
      heldOutSamples: heldOut[1] - search[1],
    },
    policy: policy.name,
    goal,
    goalMet,
    refused,
    decidedBy,
    accuracy: { search: result.chosen.accuracy, heldOut: result.heldOut },
    ...(flips === undefined ? {} : { treeFlips: flips }),
    errorBounds: outputErrors.map((errors) => (errors.length === 0 ? 0 : extremes(errors)[1])),
    precision: precisionReport(graph, result),
    constraints: result.chosen.constraints,
    domain: result.chosen.domain,
    byNode: nodeReports(result),
    frontier: result.frontier.map(({ constraints, domain, accuracy }) => ({
      constraints,
      domain,
      agreement: accuracy.agreement,
      maxDelta: accuracy.maxDelta,
    })),
    predicted: {
      signals,
      verifyGas: predictGas(signals),
      provingMs: predictProvingMs(result.chosen.domain),
      kernel: 'snarkjs',
    },
  };
  return { report, graph, result, policy, grids, visibility, calibration: given };
}

function remembered<T>(of: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    const value = known.get(key) ?? of(key);
    known.set(key, value);
    return value;
  };
}

/** Three quarters for the search, the rest held out; with very few samples both see all of them, and none is held out. */
function split(count: number): { search: readonly [number, number]; heldOut: readonly [number, number] } {
  if (count < 8) return { search: [0, count], heldOut: [0, count] };
  const cut = Math.floor(count * 0.75);
  return { search: [0, cut], heldOut: [cut, count] };
}

/** Weights and biases; of a tree, the threshold of every branch and the weights of every leaf. */
function parametersOf(node: GraphNode): number {
  if (node.kind === 'affine') return node.weight.length + node.bias.length;
  if (node.kind !== 'tree') return 0;
  const { left, leafWeight } = node.ensemble;
  return leafWeight.length + left.reduce((branches, child) => branches + (child < 0 ? 0 : 1), 0);
}

function countOperators(operators: readonly string[]): { op: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const op of operators) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts]
    .map(([op, count]) => ({ op, count }))
    .sort((a, b) => b.count - a.count || a.op.localeCompare(b.op));
}

function precisionReport(graph: Graph, { chosen: { precision } }: SearchResult): PrecisionReport {
  const { activationBits, weightBits, inputBits, nodes } = precision;
  const layers = [...nodes]
    .sort(([a], [b]) => a - b)
    .map(([id, entry]) => ({ node: graph.nodes[id].origin.node, op: graph.nodes[id].origin.op, ...entry }));
  return { activationBits, weightBits, inputBits, layers };
}

/** Costs summed by ONNX node, in the order of the graph. */
function nodeReports({ model: { graph, ranges } }: SearchResult): NodeReport[] {
  const costs = predictCosts(graph, ranges);
  const byOrigin = new Map<string, NodeReport>();
  for (const [id, { origin, kind }] of graph.nodes.entries()) {
    if (kind === 'const') continue;
    const key = `${origin.op} ${origin.node}`;
    const known = byOrigin.get(key);
    const bits = Math.max(known?.bits ?? 0, signedWidth(...span(ranges[id])));
    const constraints = (known?.constraints ?? 0) + costs[id];
    byOrigin.set(key, { node: origin.node, op: origin.op, constraints, bits, elements: ranges[id].lo.length });
  }
  return [...byOrigin.values()];
}

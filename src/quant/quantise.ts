import { VouchError } from '../errors.ts';
import type { Graph, GraphNode, NodeKind } from '../graph/graph.ts';
import { integerWidth } from '../graph/integer-width.ts';
import { isInteger, isReal } from '../tensor/dtype.ts';
import { createQBuilder } from './builder.ts';
import { type Computed, isPending, type QuantContext, type Quantised, type Rule } from './context.ts';
import { integerWidthRange } from './integer-range.ts';
import { withFiniteMasks } from './masks.ts';
import type { InputGrid, Observed, Precision, RangePolicy } from './precision.ts';
import type { QGraph, QOutput, Range } from './qgraph.ts';
import { rules } from './rules/table.ts';
import { truthOf } from './truth.ts';
import { UnquantisableError } from './unquantisable.ts';
import { computed, constantScale, materialise, plain } from './values.ts';
import { span } from './width.ts';

export interface QuantiseOptions {
  readonly precision: Precision;
  readonly policy: RangePolicy;
  /** Observed range of every float node, by id. */
  readonly observed: readonly Observed[];
  readonly grids: ReadonlyMap<string, InputGrid>;
  /** Told of every setting a rule looks up, so that the search knows which nodes can be tuned. */
  readonly consulted?: (what: 'activation' | 'weight', id: number) => void;
}

export interface QuantisedModel {
  readonly graph: QGraph;
  readonly ranges: readonly Range[];
  /** Per output element, the proved bound on |proved − float|. */
  readonly outputErrors: readonly Float64Array[];
  /** The quantised node that stands for each float node; undefined for constants. */
  readonly nodeOf: readonly (number | undefined)[];
}

/** Rewrites a float graph into integers at the given precision; every node by the rule of its kind. */
export function quantise(graph: Graph, options: QuantiseOptions): QuantisedModel {
  const q = createQBuilder();
  const values: Quantised[] = [];
  const trimmed = new Map<string, Computed>();
  const { precision } = options;
  for (const [id, node] of graph.nodes.entries()) {
    q.from(node.origin);
    const context: QuantContext = {
      q,
      graph,
      id,
      precision,
      trimmed,
      policy: options.policy,
      operands: node.inputs.map((i) => values[i]),
      observed: (i) => options.observed[i],
      activationBits: (i) => {
        options.consulted?.('activation', i);
        return precision.nodes.get(i)?.activationBits ?? precision.activationBits;
      },
      weightBits: (i) => {
        options.consulted?.('weight', i);
        return precision.nodes.get(i)?.weightBits ?? precision.weightBits;
      },
      grid: (name) => gridOf(options, name),
    };
    values.push(withinTruth(context, node, wrapInteger(context, node, quantiseNode(context, node))));
  }
  return finish(graph, values, trimmed, q, options);
}

function quantiseNode(context: QuantContext, node: GraphNode): Quantised {
  const { node: finite, operands } = withFiniteMasks(context, node);
  return applyRule({ ...context, operands }, finite);
}

function applyRule<K extends NodeKind>(context: QuantContext, node: Extract<GraphNode, { kind: K }>): Quantised {
  const rule = rules[node.kind] as Rule<K> | undefined;
  if (rule === undefined) throw new UnquantisableError(node, 'this primitive has no integer form yet');
  return rule(context, node);
}

/** Integer arithmetic that can leave its type wraps around, as ONNX says; most cannot and cost nothing. */
function wrapInteger(context: QuantContext, node: GraphNode, value: Quantised): Quantised {
  if (isPending(value) || !isInteger(node.dtype)) return value;
  const { width, signed } = integerWidth(node.dtype);
  const [lo, hi] = integerWidthRange(width, signed);
  const [least, most] = span(context.q.range(value.id));
  if (least >= lo && most <= hi) return value;
  if (width > 52) {
    const bounds = `its bounds [${least}, ${most}] leave ${node.dtype}`;
    throw new UnquantisableError(node, bounds, 'Declare narrower input bounds or use a narrower type.');
  }
  const { shape } = node;
  return computed(
    context,
    { kind: 'bits', inputs: [value.id], shape, scale: 1, op: 'wrap', width, signed, amount: 0 },
    value.error.map((e) => (e === 0 ? 0 : hi - lo)),
  );
}

/** No value is further from the exact one than the two can be apart, whatever the errors of its operands add up to. */
function withinTruth(context: QuantContext, node: GraphNode, value: Quantised): Quantised {
  if (isPending(value) || !isReal(node.dtype)) return value;
  const truth = truthOf(context.graph, context.id);
  if (truth.lo === Number.NEGATIVE_INFINITY || truth.hi === Number.POSITIVE_INFINITY) return value;
  const { lo, hi } = context.q.range(value.id);
  const { scale } = context.q.node(value.id);
  const error = value.error.map((e, i) =>
    Math.min(e, Math.max(hi[i] * scale + value.zero - truth.lo, truth.hi - lo[i] * scale - value.zero)),
  );
  return { ...value, error };
}

function finish(
  graph: Graph,
  values: readonly Quantised[],
  trimmed: Map<string, Computed>,
  q: ReturnType<typeof createQBuilder>,
  options: QuantiseOptions,
): QuantisedModel {
  const outputs: QOutput[] = [];
  const outputErrors: Float64Array[] = [];
  for (const { name, node, ...seen } of graph.outputs) {
    const source = graph.nodes[node];
    q.from(source.origin);
    const context: QuantContext = {
      q,
      graph,
      id: node,
      precision: options.precision,
      trimmed,
      policy: options.policy,
      operands: [],
      observed: (i) => options.observed[i],
      activationBits: () => options.precision.activationBits,
      weightBits: () => options.precision.weightBits,
      grid: (input) => gridOf(options, input),
    };
    const value = values[node];
    const result = isPending(value)
      ? materialise(context, value, source.shape, isReal(source.dtype) ? constantScale(value.constant, 32) : 1)
      : plain(context, value);
    const [lo, hi] = span(q.range(result.id));
    if (hi - lo > Number.MAX_SAFE_INTEGER) {
      const reason = `output "${name}" spans [${lo}, ${hi}], more integers than 2^53`;
      throw new UnquantisableError(source, reason, 'Publish fewer bits, or narrow the inputs with --bound.');
    }
    outputs.push({ name, node: result.id, ...seen });
    outputErrors.push(result.error);
  }
  const ranges: Range[] = [];
  const result = q.finish(outputs);
  for (let id = 0; id < result.nodes.length; id++) ranges.push(q.range(id));
  return { graph: result, ranges, outputErrors, nodeOf: values.map((v) => (isPending(v) ? undefined : v.id)) };
}

function gridOf(options: QuantiseOptions, name: string): InputGrid {
  const grid = options.grids.get(name);
  if (grid === undefined) throw new VouchError(`input "${name}" has no bounds`);
  return grid;
}

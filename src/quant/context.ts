import type { Graph, GraphNode } from '../graph/graph.ts';
import type { QBuilder } from './builder.ts';
import type { InputGrid, Observed, Precision, RangePolicy } from './precision.ts';

/**
 * A float value in the making. Either a quantised node `id` whose integers q stand for scale·q + zero, or a constant
 * that has not been given a scale yet: its consumer chooses one.
 */
export type Quantised = Computed | Pending;

export interface Computed {
  readonly id: number;
  readonly zero: number;
  /** Per element, a bound on |scale·q + zero − float value| that the quantiser proves. */
  readonly error: Float64Array;
}

export interface Pending {
  readonly constant: Float64Array;
}

export const isPending = (value: Quantised): value is Pending => 'constant' in value;

/** Everything a rule may look at while it rewrites one float node into integer nodes. */
export interface QuantContext {
  readonly q: QBuilder;
  readonly graph: Graph;
  readonly policy: RangePolicy;
  /** The quantised operands of the current node. */
  readonly operands: readonly Quantised[];
  /** Float node id of the current node. */
  readonly id: number;
  observed(id: number): Observed;
  activationBits(id: number): number;
  weightBits(id: number): number;
  readonly precision: Precision;
  grid(name: string): InputGrid;
  /** Requantised versions of a node already made, by node id and shift: two consumers share one. */
  readonly trimmed: Map<string, Computed>;
}

/** Rewrites one kind of primitive. */
export type Rule<K extends GraphNode['kind']> = (
  context: QuantContext,
  node: Extract<GraphNode, { kind: K }>,
) => Quantised;

/** The real value of one unit that a tensor of this node should keep. */
export function targetScale(context: QuantContext, id: number): number {
  const { lo, hi } = context.observed(id);
  const magnitude = Math.max(Math.abs(lo), Math.abs(hi));
  return (magnitude === 0 ? 1 : magnitude) * 2 ** -context.activationBits(id);
}

import type { SqrtNode } from '../../graph/graph.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { truthOf } from '../truth.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { coarsen, computed, operand } from '../values.ts';
import { span } from '../width.ts';

/** Bits of the largest root, so that factor · x stays below 2^51. */
const rootBits = 25;
/** A radicand this many bits finer than its root needs is requantised first. */
const excessBits = 3;

/** The integer root is rounded down, at half the scale the result should keep. */
export const quantiseSqrt: Rule<'sqrt'> = (context, node) => {
  const raw = nonNegative(context, node, operand(context, 0));
  const [, most] = span(context.q.range(raw.id));
  const largest = Math.sqrt(Math.max(most, 1) * context.q.node(raw.id).scale);
  const wanted = Math.max(targetScale(context, context.id) / 2, largest * 2 ** -rootBits);
  const x = trimmed(context, node, raw, wanted ** 2 / 4);
  const { scale: square } = context.q.node(x.id);
  const factor = Math.max(1, Math.round(square / wanted ** 2));
  const scale = Math.sqrt(square / factor);
  const { lo } = context.q.range(x.id);
  const truth = truthOf(context.graph, node.inputs[0]);
  const error = x.error.map((e, i) => rootError(lo[i] * square, e, truth.lo) + scale);
  return computed(context, { kind: 'sqrt', inputs: [x.id], shape: node.shape, scale, factor }, error);
};

function trimmed(context: QuantContext, node: SqrtNode, x: Computed, scale: number): Computed {
  const excess = Math.log2(scale / context.q.node(x.id).scale);
  return excess < excessBits ? x : coarsen(context, x, node.inputs[0], scale);
}

/** |√x − √x'| ≤ e / (√x + √x'), and never more than √e; x' is at least `least`, and x at least `truth` besides. */
function rootError(least: number, error: number, truth: number): number {
  if (error === 0) return 0;
  const sum = Math.sqrt(least) + Math.sqrt(Math.max(0, least - error, truth));
  return Math.min(Math.sqrt(error), error / sum);
}

/** A radicand that only errors take below zero is clipped there: its float value cannot be negative. */
function nonNegative(context: QuantContext, node: SqrtNode, x: Computed): Computed {
  const { lo } = context.q.range(x.id);
  const { scale, shape } = context.q.node(x.id);
  const below = lo.findIndex((l, i) => l < 0 && -l * scale > x.error[i]);
  if (below >= 0 && truthOf(context.graph, node.inputs[0]).lo < 0) {
    throw new UnquantisableError(
      node,
      `element ${below} can be negative, down to ${lo[below] * scale}`,
      'Declare input bounds that keep it non-negative, or clip it at 0 before the root.',
    );
  }
  if (lo.every((l) => l >= 0)) return x;
  const clipped = { kind: 'rescale' as const, inputs: [x.id], shape, scale, shift: 0, relu: true, width: null };
  return computed(context, clipped, x.error);
}

import type { GraphNode } from '../../graph/graph.ts';
import { isReal } from '../../tensor/dtype.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { coarsen, computed, enforcedWidth, narrower, operand } from '../values.ts';
import { span } from '../width.ts';

/** A value this many bits finer than its result needs is requantised before it is clipped. */
const excessBits = 3;

/** Clipping moves two values no further apart, nor does it magnify what its bounds lose by rounding. */
export const quantiseClip: Rule<'clip'> = (context, node) => {
  const x = prepared(context, node, node.lo === 0);
  const { scale } = context.q.node(x.id);
  const [least, most] = span(context.q.range(x.id));
  // ONNX gives the upper bound where the bounds cross.
  const lower = Math.min(node.lo, node.hi);
  const idle = { lo: lower <= least * scale, hi: node.hi >= most * scale };
  if (idle.lo && idle.hi) return x;
  const lo = idle.lo ? least : Math.round(lower / scale) + 0;
  const hi = idle.hi ? Math.max(most, lo) : Math.round(node.hi / scale) + 0;
  const lost = Math.max(idle.lo ? 0 : Math.abs(lower - lo * scale), idle.hi ? 0 : Math.abs(node.hi - hi * scale));
  return computed(
    context,
    { kind: 'clip', inputs: [x.id], shape: node.shape, scale, lo, hi },
    x.error.map((e) => Math.max(e, lost)),
  );
};

/** The operand at about the scale its result should keep; a lower bound of zero comes with the requantisation. */
function prepared(context: QuantContext, node: GraphNode, atZero: boolean): Computed {
  const x = operand(context, 0);
  const [source] = node.inputs;
  const { scale, shape } = context.q.node(x.id);
  const wanted = targetScale(context, context.id);
  const excess = isReal(node.dtype) ? Math.round(Math.log2(wanted / scale)) : 0;
  const shift = excess < excessBits ? 0 : excess;
  const [least] = span(context.q.range(x.id));
  if (!atZero || least >= 0) return shift === 0 ? x : coarsen(context, x, source, wanted);
  const width = narrower(context, x.id, enforcedWidth(context, source, scale, shift), shift);
  const coarse = scale * 2 ** shift;
  const rounding = shift === 0 ? 0 : coarse / 2;
  return computed(
    context,
    { kind: 'rescale', inputs: [x.id], shape, scale: coarse, shift, relu: true, width },
    x.error.map((e) => e + rounding),
  );
}

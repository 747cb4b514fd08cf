import type { CompareNode } from '../../graph/graph.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { align } from '../align.ts';
import { type Computed, isPending, type QuantContext, type Rule } from '../context.ts';
import type { Range } from '../qgraph.ts';
import { computed, plain } from '../values.ts';

type Relation = CompareNode['relation'];

/**
 * Two computed operands are compared at a common scale; a computed one and a constant at the scale of the computed one,
 * where an integer threshold separates exactly what the constant separates. Exact on exact values; on others certain
 * wherever the difference cannot come within the summed error of the point where the relation flips.
 */
export const quantiseCompare: Rule<'compare'> = (context, node) => {
  if (node.inputs[0] === node.inputs[1]) return withItself(context, node);
  const [a, b] = context.operands;
  if (!isPending(a) && isPending(b)) return againstConstant(context, node, plain(context, a), b.constant, 'right');
  if (isPending(a) && !isPending(b)) return againstConstant(context, node, plain(context, b), a.constant, 'left');
  const { values, scale } = align(context);
  const [x, y] = values;
  const [xs, ys] = [context.q.range(x.id), context.q.range(y.id)];
  const error = x.error.map((e, i) =>
    flip(node.relation, (xs.lo[i] - ys.hi[i]) * scale, (xs.hi[i] - ys.lo[i]) * scale, e + y.error[i]),
  );
  return pushComparison(context, node, [x.id, y.id], error);
};

/** Known: integers stand for finite numbers, of which each equals itself. */
function withItself(context: QuantContext, { relation, shape }: CompareNode): Computed {
  const data = new Float64Array(sizeOf(shape)).fill(relation === 'lt' ? 0 : 1);
  return computed(context, { kind: 'const', inputs: [], shape, scale: 1, data }, new Float64Array(data.length));
}

function againstConstant(
  context: QuantContext,
  node: CompareNode,
  x: Computed,
  constant: Float64Array,
  side: 'left' | 'right',
): Computed {
  const { relation, shape } = node;
  const range = context.q.range(x.id);
  const { scale } = context.q.node(x.id);
  const data = constant.map((c, i) => threshold(relation, side, c / scale, range, i));
  const error = x.error.map((e, i) => {
    const c = constant[i];
    const uncertain = e + (isMultiple(c / scale) ? Math.abs(c - Math.round(c / scale) * scale) : 0);
    const [lo, hi] = [range.lo[i] * scale, range.hi[i] * scale];
    return side === 'right' ? flip(relation, lo - c, hi - c, uncertain) : flip(relation, c - hi, c - lo, uncertain);
  });
  const y = context.q.push({ kind: 'const', inputs: [], shape, scale, data });
  return pushComparison(context, node, side === 'right' ? [x.id, y] : [y, x.id], error);
}

/** Whether a quotient of floats stands for an integer. */
const isMultiple = (ratio: number): boolean =>
  Math.abs(ratio - Math.round(ratio)) <= 1e-12 * Math.max(1, Math.abs(ratio));

/** The integer that stands for the constant, no further than one step outside the operand's range. */
function threshold(relation: Relation, side: 'left' | 'right', ratio: number, { lo, hi }: Range, i: number): number {
  const outside = hi[i] + 1;
  const up = (relation === 'lt') === (side === 'right');
  const exact = isMultiple(ratio)
    ? Math.round(ratio)
    : relation === 'eq'
      ? outside
      : up
        ? Math.ceil(ratio)
        : Math.floor(ratio);
  return Math.min(Math.max(exact, lo[i] - 1), outside) + 0;
}

function pushComparison(context: QuantContext, node: CompareNode, inputs: number[], error: Float64Array): Computed {
  const { relation, shape } = node;
  return computed(context, { kind: 'compare', inputs, shape, scale: 1, relation }, error);
}

/** 1 when a difference in [least, most], known up to `error`, can lie on either side of where the relation flips. */
function flip(relation: Relation, least: number, most: number, error: number): 0 | 1 {
  if (error === 0) return 0;
  if (relation === 'lt') return most + error < 0 || least - error >= 0 ? 0 : 1;
  if (relation === 'le') return most + error <= 0 || least - error > 0 ? 0 : 1;
  return most + error < 0 || least - error > 0 ? 0 : 1;
}

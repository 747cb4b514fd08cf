import type { GraphNode } from '../../graph/graph.ts';
import { matmul } from '../../graph/kernels/elementwise.ts';
import { isReal } from '../../tensor/dtype.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { coarsen, computed, magnitudes, operand, widthOf } from '../values.ts';

/** Below this width of the product of two operands nothing is requantised before multiplying. */
const comfortableWidth = 34;
/** Above this width the product, or a sum of such, would not be exact. */
const exactWidth = 52;

/**
 * Both operands of a product, requantised first when their product would be needlessly wide or inexact. One operand
 * given twice stays one: a square is known to be non-negative.
 */
function factors(context: QuantContext, node: GraphNode, terms: number): readonly [Computed, Computed] {
  const [left, right] = node.inputs;
  const a = operand(context, 0);
  const b = left === right ? a : operand(context, 1);
  const widthOfSum = (x: Computed, y: Computed): number =>
    widthOf(context, x.id) + widthOf(context, y.id) + Math.ceil(Math.log2(Math.max(terms, 1)));
  if (!isReal(node.dtype) || widthOfSum(a, b) <= comfortableWidth) return [a, b];
  const x = coarsen(context, a, left, targetScale(context, left));
  const y = coarsen(context, b, right, targetScale(context, right));
  const excess = 2 ** Math.max(0, Math.ceil((widthOfSum(x, y) - exactWidth) / 2));
  return [
    coarsen(context, x, left, context.q.node(x.id).scale * excess),
    coarsen(context, y, right, context.q.node(y.id).scale * excess),
  ];
}

/** |x|·err(y) + |y|·err(x) + err(x)·err(y), elementwise. */
export const quantiseMul: Rule<'mul'> = (context, node) => {
  const [a, b] = factors(context, node, 1);
  const scale = context.q.node(a.id).scale * context.q.node(b.id).scale;
  const ma = magnitudes(context, a);
  const mb = magnitudes(context, b);
  const error = ma.map((m, i) => m * b.error[i] + mb[i] * a.error[i] + a.error[i] * b.error[i]);
  return computed(context, { kind: 'mul', inputs: [a.id, b.id], shape: node.shape, scale }, error);
};

export const quantiseMatMul: Rule<'matmul'> = (context, node) => {
  const [a, b] = factors(context, node, node.k);
  const scale = context.q.node(a.id).scale * context.q.node(b.id).scale;
  const { batch, m, k, n, shape } = node;
  const left = matmul(magnitudes(context, a), b.error, node);
  const right = matmul(a.error, magnitudes(context, b), node);
  const both = matmul(a.error, b.error, node);
  const error = left.map((e, i) => e + right[i] + both[i]);
  return computed(context, { kind: 'matmul', inputs: [a.id, b.id], shape, scale, batch, m, k, n }, error);
};

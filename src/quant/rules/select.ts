import { isReal } from '../../tensor/dtype.ts';
import { align } from '../align.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { computed, operand } from '../values.ts';

/** Where the condition itself may be wrong, the result may be the other side: the bound covers the distance of both. */
export const quantiseSelect: Rule<'select'> = (context, node) => {
  const condition = operand(context, 0);
  const known = knownCondition(context, condition);
  if (known?.every((c) => c !== 0)) return context.operands[1];
  if (known?.every((c) => c === 0)) return context.operands[2];
  const wanted = isReal(node.dtype) ? targetScale(context, context.id) / 4 : 1;
  const { values, scale } = align(context, wanted, [1, 2]);
  const [a, b] = values;
  const [as, bs] = [context.q.range(a.id), context.q.range(b.id)];
  const error = a.error.map((e, i) => {
    const larger = Math.max(e, b.error[i]);
    if (condition.error[i] === 0) return larger;
    return larger + scale * Math.max(as.hi[i] - bs.lo[i], bs.hi[i] - as.lo[i], 0);
  });
  const { shape } = node;
  return computed(context, { kind: 'select', inputs: [condition.id, a.id, b.id], shape, scale }, error);
};

/** A condition that became a constant only among the integers, such as whether a finite number is NaN. */
function knownCondition({ q }: QuantContext, { id }: Computed): Float64Array | undefined {
  const node = q.node(id);
  return node.kind === 'const' ? node.data : undefined;
}

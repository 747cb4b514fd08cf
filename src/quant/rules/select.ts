import { isReal } from '../../tensor/dtype.ts';
import { align } from '../align.ts';
import { type Rule, targetScale } from '../context.ts';
import { computed, operand } from '../values.ts';

/** Where the condition itself may be wrong, the result may be the other side: the bound covers the distance of both. */
export const quantiseSelect: Rule<'select'> = (context, node) => {
  const condition = operand(context, 0);
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

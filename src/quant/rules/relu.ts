import { isReal } from '../../tensor/dtype.ts';
import { type Rule, targetScale } from '../context.ts';
import { computed, enforcedWidth, narrower, operand } from '../values.ts';

/** ReLU fused with the requantisation to the scale its output should keep: one decomposition serves both. */
export const quantiseRelu: Rule<'relu'> = (context, node) => {
  const x = operand(context, 0);
  const { scale } = context.q.node(x.id);
  const shift = isReal(node.dtype) ? Math.max(0, Math.round(Math.log2(targetScale(context, context.id) / scale))) : 0;
  const width = narrower(context, x.id, enforcedWidth(context, node.inputs[0], scale, shift), shift);
  const coarse = scale * 2 ** shift;
  const rounding = shift === 0 ? 0 : coarse / 2;
  return computed(
    context,
    { kind: 'rescale', inputs: [x.id], shape: node.shape, scale: coarse, shift, relu: true, width },
    x.error.map((e) => e + rounding),
  );
};

import { applyMax } from '../../graph/kernels/movement.ts';
import { align } from '../align.ts';
import type { Rule } from '../context.ts';
import { computed } from '../values.ts';

export const quantiseMax: Rule<'max'> = (context, node) => {
  const { values, scale } = align(context);
  const error = applyMax(
    node.gather,
    node.window,
    values.map((v) => v.error),
  );
  const inputs = values.map((v) => v.id);
  const { shape, window, gather } = node;
  return computed(context, { kind: 'max', inputs, shape, scale, window, gather }, error);
};

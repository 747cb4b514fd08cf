import { applyMax } from '../../graph/kernels/movement.ts';
import { align } from '../align.ts';
import type { Rule } from '../context.ts';
import { computed, operand } from '../values.ts';

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

/** Exact on exact values; otherwise near ties may resolve differently, anywhere in the row. */
export const quantiseArgMax: Rule<'argmax'> = (context, node) => {
  const x = operand(context, 0);
  const uncertain = x.error.some((e) => e > 0);
  const error = new Float64Array(node.rows).fill(uncertain ? node.length - 1 : 0);
  const { shape, rows, length, tie } = node;
  return computed(context, { kind: 'argmax', inputs: [x.id], shape, scale: 1, rows, length, tie }, error);
};

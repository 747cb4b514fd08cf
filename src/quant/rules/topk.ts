import type { Rule } from '../context.ts';
import { computed, operand } from '../values.ts';

/**
 * Order statistics move no further than the values do. Indices are exact on exact rows; on others near ties may resolve
 * differently, anywhere in the row. Values and indices of one operator read the same integers and so belong together.
 */
export const quantiseTopK: Rule<'topk'> = (context, node) => {
  const x = operand(context, 0);
  const { shape, rows, length, k, largest, result } = node;
  const error = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const worst = worstOf(x.error.subarray(row * length, (row + 1) * length));
    const bound = result === 'values' ? worst : worst > 0 ? length - 1 : 0;
    error.fill(bound, row * k, (row + 1) * k);
  }
  const scale = result === 'values' ? context.q.node(x.id).scale : 1;
  return computed(context, { kind: 'topk', inputs: [x.id], shape, scale, rows, length, k, largest, result }, error);
};

/** Exact on exact rows; on others near ties may resolve differently, anywhere in the row. */
export const quantiseArgMax: Rule<'argmax'> = (context, node) => {
  const x = operand(context, 0);
  const { shape, rows, length, tie } = node;
  const error = Float64Array.from({ length: rows }, (_, row) =>
    worstOf(x.error.subarray(row * length, (row + 1) * length)) > 0 ? length - 1 : 0,
  );
  return computed(context, { kind: 'argmax', inputs: [x.id], shape, scale: 1, rows, length, tie }, error);
};

const worstOf = (errors: Float64Array): number => errors.reduce((worst, e) => Math.max(worst, e), 0);

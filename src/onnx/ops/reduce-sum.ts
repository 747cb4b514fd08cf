import { divide } from '../../graph/compose/arithmetic.ts';
import { meanOver, sumOver } from '../../graph/compose/linear.ts';
import { filled } from '../../graph/compose/movement.ts';
import { isInteger } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { OpTable } from '../op.ts';
import { type Reduce, reduction } from '../reduction.ts';
import { UnsupportedError } from '../unsupported.ts';

/** An integer mean is truncated, as the reference does. */
const mean: Reduce = (b, x, axes) => {
  const count = sizeOf(axes.map((axis) => b.shape(x)[axis]));
  if (count === 0) throw new UnsupportedError('the mean of no elements is not a number', 'Reduce a non-empty axis.');
  if (!isInteger(b.dtype(x))) return meanOver(b, x, axes);
  const total = sumOver(b, x, axes);
  return divide(b, total, filled(b, b.shape(total), count, b.dtype(x)), 'trunc');
};

export const ops: OpTable = {
  ReduceSum: reduction(13, sumOver),
  ReduceMean: reduction(18, mean),
};

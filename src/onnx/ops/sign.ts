import type { ValueId } from '../../graph/builder.ts';
import { compare, retype, subtract } from '../../graph/compose/arithmetic.ts';
import { magnitude } from '../../graph/compose/magnitude.ts';
import { filled } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable } from '../op.ts';

/** [x > 0] − [x < 0]. */
function sign(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const dtype = b.dtype(x);
  const zero = filled(b, b.shape(x), 0, dtype);
  const isPositive = retype(b, compare(b, 'lt', zero, x), dtype);
  if (dtype.startsWith('uint')) return [isPositive];
  return [subtract(b, isPositive, retype(b, compare(b, 'lt', x, zero), dtype))];
}

export const ops: OpTable = {
  Abs: (context) => [magnitude(context.b, input(context, 0))],
  Sign: sign,
};

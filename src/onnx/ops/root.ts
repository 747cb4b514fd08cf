import type { ValueId } from '../../graph/builder.ts';
import { divide, sqrt } from '../../graph/compose/arithmetic.ts';
import { filled } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable } from '../op.ts';

function reciprocal(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  return [divide(b, filled(b, b.shape(x), 1, b.dtype(x)), x)];
}

export const ops: OpTable = {
  Sqrt: (context) => [sqrt(context.b, input(context, 0))],
  Reciprocal: reciprocal,
};

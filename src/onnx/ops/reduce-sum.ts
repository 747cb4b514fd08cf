import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { divide } from '../../graph/compose/arithmetic.ts';
import { keepAxes, meanOver, sumOver } from '../../graph/compose/linear.ts';
import { filled, reshape } from '../../graph/compose/movement.ts';
import { isInteger } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { reducedAxes } from '../axes.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

type Reduce = (b: GraphBuilder, x: ValueId, axes: readonly number[]) => ValueId;

function reduction(operandSince: number, reduce: Reduce): (context: OpContext) => ValueId[] {
  return (context) => {
    const { b, attributes } = context;
    const x = input(context, 0);
    const axes = reducedAxes(context, operandSince);
    if (axes === undefined) return [x];
    const y = reduce(b, x, axes);
    return [attributes.int('keepdims', 1) === 1 ? reshape(b, y, keepAxes(b.shape(x), axes)) : y];
  };
}

/** An integer mean is truncated, as the reference does. */
const mean: Reduce = (b, x, axes) => {
  const count = sizeOf(axes.map((axis) => b.shape(x)[axis]));
  if (count === 0) throw new UnsupportedError('the mean of no elements is not a number', 'Reduce a non-empty axis.');
  if (!isInteger(b.dtype(x))) return meanOver(b, x, axes);
  const total = sumOver(b, x, axes);
  return divide(b, total, filled(b, b.shape(total), count, b.dtype(x)), 'trunc');
};

export const ops: OpTable = {
  ReduceSum: reduction(13, (b, x, axes) => sumOver(b, x, axes)),
  ReduceMean: reduction(18, mean),
};

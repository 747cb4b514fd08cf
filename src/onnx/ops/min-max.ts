import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { maxOver, reductionWindows } from '../../graph/compose/linear.ts';
import { filled } from '../../graph/compose/movement.ts';
import { greatest, least, minOver } from '../../graph/compose/order.ts';
import { type DType, integerRange } from '../../tensor/dtype.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { type Reduce, reduction } from '../reduction.ts';

const operands = (context: OpContext): ValueId[] => context.inputs.map((_, i) => input(context, i));

/** The extreme of no elements is the type's own other extreme. */
function ofNoneOr(limit: (dtype: DType) => number, reduce: Reduce): Reduce {
  return (b: GraphBuilder, x, axes) => {
    const { kept, window } = reductionWindows(b.shape(x), axes);
    return window === 0 ? filled(b, kept, limit(b.dtype(x)), b.dtype(x)) : reduce(b, x, axes);
  };
}

const lowest = (dtype: DType): number =>
  dtype === 'bool' ? 0 : (integerRange(dtype)?.min ?? Number.NEGATIVE_INFINITY);
const highest = (dtype: DType): number =>
  dtype === 'bool' ? 1 : (integerRange(dtype)?.max ?? Number.POSITIVE_INFINITY);

export const ops: OpTable = {
  Max: (context) => [greatest(context.b, operands(context))],
  Min: (context) => [least(context.b, operands(context))],
  ReduceMax: reduction(18, ofNoneOr(lowest, maxOver)),
  ReduceMin: reduction(18, ofNoneOr(highest, minOver)),
};

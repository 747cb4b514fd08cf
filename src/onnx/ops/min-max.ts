import type { GraphBuilder } from '../../graph/builder.ts';
import { maxOver, reductionWindows } from '../../graph/compose/linear.ts';
import { filled } from '../../graph/compose/movement.ts';
import { greatest, least, minOver } from '../../graph/compose/order.ts';
import { type DType, integerRange } from '../../tensor/dtype.ts';
import { allInputs, type OpTable } from '../op.ts';
import { type Reduce, reduction } from '../reduction.ts';

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
  Max: (context) => [greatest(context.b, allInputs(context))],
  Min: (context) => [least(context.b, allInputs(context))],
  ReduceMax: reduction(18, ofNoneOr(lowest, maxOver)),
  ReduceMin: reduction(18, ofNoneOr(highest, minOver)),
};

import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, apply } from '../../graph/compose/arithmetic.ts';
import { keepAxes, sumOver } from '../../graph/compose/linear.ts';
import { filled, reshape } from '../../graph/compose/movement.ts';
import { rowExponentials } from '../../graph/compose/softmax.ts';
import { isReal } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { reducedAxes } from '../axes.ts';
import { input, type OpHandler, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Reduces `axes`, which the result keeps as 1. Asked to reduce none (`noop_with_empty_axes`), each element is a row. */
type KeptReduction = (b: GraphBuilder, x: ValueId, axes: readonly number[]) => ValueId;

function reduction(reduce: KeptReduction, ofNone: (b: GraphBuilder, x: ValueId) => ValueId): OpHandler {
  return (context) => {
    const { b, attributes } = context;
    const x = input(context, 0);
    const dtype = b.dtype(x);
    if (!isReal(dtype)) throw new UnsupportedError(`the operand is ${dtype}`, 'Cast it to float32 first.');
    const shape = b.shape(x);
    const axes = reducedAxes(context, 18);
    if (axes === undefined) return [ofNone(b, x)];
    const kept = keepAxes(shape, axes);
    const y = sizeOf(shape) === 0 ? filled(b, kept, Number.NEGATIVE_INFINITY, dtype) : reduce(b, x, axes);
    const dropped = shape.filter((_, axis) => !axes.includes(axis));
    return [reshape(b, y, attributes.int('keepdims', 1) === 1 ? kept : dropped)];
  };
}

const logSum: KeptReduction = (b, x, axes) =>
  apply(b, reshape(b, sumOver(b, x, axes), keepAxes(b.shape(x), axes)), 'log');

const logSumExp: KeptReduction = (b, x, axes) => {
  const { most, total } = rowExponentials(b, x, axes);
  return add(b, most, apply(b, total, 'log'));
};

export const ops: OpTable = {
  ReduceLogSum: reduction(logSum, (b, x) => apply(b, x, 'log')),
  ReduceLogSumExp: reduction(logSumExp, (_b, x) => x),
};

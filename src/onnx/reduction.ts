import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { keepAxes } from '../graph/compose/linear.ts';
import { reshape } from '../graph/compose/movement.ts';
import { reducedAxes } from './axes.ts';
import { input, type OpHandler } from './op.ts';

/** Reduces `axes` of x, which the result drops. */
export type Reduce = (b: GraphBuilder, x: ValueId, axes: readonly number[]) => ValueId;

/**
 * A handler for the Reduce… operators, whose axes are an operand since the opset `operandSince`. Asked to reduce no axis
 * (`noop_with_empty_axes`) it returns what `ofNone` makes of the operand: the operand itself by default.
 */
export function reduction(operandSince: number, reduce: Reduce, ofNone: (x: ValueId) => ValueId = (x) => x): OpHandler {
  return (context) => {
    const { b, attributes } = context;
    const x = input(context, 0);
    const axes = reducedAxes(context, operandSince);
    if (axes === undefined) return [ofNone(x)];
    const y = reduce(b, x, axes);
    return [attributes.int('keepdims', 1) === 1 ? reshape(b, y, keepAxes(b.shape(x), axes)) : y];
  };
}

import type { ValueId } from '../../graph/builder.ts';
import { combine, divide, multiply, negate, subtract } from '../../graph/compose/arithmetic.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { isInteger } from '../../tensor/dtype.ts';
import { maskedSum } from '../masked-sum.ts';
import { allInputs, input, type OpContext, type OpTable } from '../op.ts';

type Binary = (context: OpContext, x: ValueId, y: ValueId) => ValueId;

const elementwise =
  (apply: Binary) =>
  (context: OpContext): ValueId[] => [apply(context, input(context, 0), secondOperand(context))];

/** Before opset 7 the second operand broadcast from a given axis of the first, not from its end. */
export function secondOperand(context: OpContext): ValueId {
  const { b, attributes, opset } = context;
  const y = input(context, 1);
  if (opset >= 7 || !attributes.has('axis')) return y;
  const rank = b.shape(input(context, 0)).length;
  const axis = attributes.int('axis');
  const start = axis < 0 ? axis + rank : axis;
  const trailing = Math.max(0, rank - start - b.shape(y).length);
  return reshape(b, y, [...b.shape(y), ...new Array<number>(trailing).fill(1)]);
}

/** The number of operands is variable; each counts `factor` times. */
function sum(context: OpContext, factor: number): ValueId[] {
  const xs = allInputs(context);
  return [
    combine(
      context.b,
      xs,
      xs.map(() => factor),
    ),
  ];
}

export const ops: OpTable = {
  Add: elementwise(({ b }, x, y) => maskedSum(b, x, y)),
  Sub: elementwise(({ b }, x, y) => subtract(b, x, y)),
  Mul: elementwise(({ b }, x, y) => multiply(b, x, y)),
  Div: elementwise(({ b }, x, y) => divide(b, x, y, isInteger(b.dtype(x)) ? 'trunc' : 'real')),
  Neg: (context) => [negate(context.b, input(context, 0))],
  Sum: (context) => sum(context, 1),
  Mean: (context) => sum(context, 1 / context.inputs.length),
};

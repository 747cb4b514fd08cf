import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, multiply, not, scale, subtract } from '../../graph/compose/arithmetic.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { secondOperand } from './arithmetic.ts';

type Connective = (b: GraphBuilder, x: ValueId, y: ValueId) => ValueId;

const connect =
  (apply: Connective) =>
  (context: OpContext): ValueId[] => [apply(context.b, input(context, 0), secondOperand(context))];

/** 1 − (1 − x)(1 − y), whose bounds stay within 0 and 1. */
const or: Connective = (b, x, y) => not(b, multiply(b, not(b, x), not(b, y)));

/** (x − y)², or x·(1 − 2y) + y for a constant y, which is free. */
const xor: Connective = (b, x, y) => {
  if (b.constant(x) !== undefined && b.constant(y) === undefined) return xor(b, y, x);
  if (b.constant(y) !== undefined) return add(b, multiply(b, x, scale(b, y, -2, 1)), y);
  const difference = subtract(b, x, y);
  return multiply(b, difference, difference);
};

export const ops: OpTable = {
  And: connect(multiply),
  Or: connect(or),
  Xor: connect(xor),
  Not: (context) => [not(context.b, input(context, 0))],
};

import type { ValueId } from '../../graph/builder.ts';
import { compare, not } from '../../graph/compose/arithmetic.ts';
import { choose } from '../../graph/compose/choose.ts';
import { filled } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { secondOperand } from './arithmetic.ts';

type Relation = Parameters<typeof compare>[1];

const forward =
  (relation: Relation) =>
  (context: OpContext): ValueId[] => [compare(context.b, relation, input(context, 0), secondOperand(context))];

const backward =
  (relation: Relation) =>
  (context: OpContext): ValueId[] => [compare(context.b, relation, secondOperand(context), input(context, 0))];

/** Only NaN differs from itself; a circuit computes finite values, of which none does. */
function isNotANumber(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  return [not(b, compare(b, 'eq', x, x))];
}

/** Equality with an infinity, which no value of a circuit reaches. */
function isInfinite(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const x = input(context, 0);
  const [negative, positive] = [attributes.int('detect_negative', 1) !== 0, attributes.int('detect_positive', 1) !== 0];
  const infinity = filled(b, [], Number.POSITIVE_INFINITY, b.dtype(x));
  const none = filled(b, b.shape(x), 0, 'bool');
  const most = positive ? compare(b, 'eq', x, infinity) : none;
  if (!negative) return [most];
  const least = compare(b, 'eq', x, filled(b, [], Number.NEGATIVE_INFINITY, b.dtype(x)));
  return [b.push({ kind: 'add', inputs: [most, least], shape: b.shape(x), dtype: 'bool', coefficients: [1, 1] })];
}

export const ops: OpTable = {
  Equal: forward('eq'),
  Less: forward('lt'),
  LessOrEqual: forward('le'),
  Greater: backward('lt'),
  GreaterOrEqual: backward('le'),
  IsNaN: isNotANumber,
  IsInf: isInfinite,
  Where: (context) => [choose(context.b, input(context, 0), input(context, 1), input(context, 2))],
};

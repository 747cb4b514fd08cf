import type { ValueId } from '../../graph/builder.ts';
import { clip } from '../../graph/compose/arithmetic.ts';
import { filled } from '../../graph/compose/movement.ts';
import { greatest, least } from '../../graph/compose/order.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';

/** min(max(x, lo), hi): bounds are attributes before opset 11, operands (perhaps computed, perhaps absent) since. */
function clipBetween(context: OpContext): ValueId[] {
  const { b, opset } = context;
  const x = input(context, 0);
  const [lo, hi] = opset < 11 ? attributeBounds(context, x) : [optional(context, 1), optional(context, 2)];
  const fixed = [numberOf(context, lo, Number.NEGATIVE_INFINITY), numberOf(context, hi, Number.POSITIVE_INFINITY)];
  if (fixed[0] !== undefined && fixed[1] !== undefined) return [clip(b, x, fixed[0], fixed[1])];
  const raised = lo === undefined ? x : greatest(b, [x, lo]);
  return [hi === undefined ? raised : least(b, [raised, hi])];
}

function attributeBounds({ b, attributes }: OpContext, x: ValueId): (ValueId | undefined)[] {
  return ['min', 'max'].map((name) =>
    attributes.has(name) ? filled(b, [], attributes.float(name), b.dtype(x)) : undefined,
  );
}

function numberOf({ b }: OpContext, bound: ValueId | undefined, absent: number): number | undefined {
  return bound === undefined ? absent : b.constant(bound)?.[0];
}

export const ops: OpTable = { Clip: clipBetween };

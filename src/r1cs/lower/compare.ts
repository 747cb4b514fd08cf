import { combine } from '../gadgets/quantity.ts';
import { isNonNegative } from '../gadgets/sign.ts';
import { isZero } from '../gadgets/zero.ts';
import { type Lower, rangeOfOperand } from './context.ts';

/**
 * a < b as [b − a − 1 ≥ 0], a ≤ b as [b − a ≥ 0] (gadgets/sign.ts), a = b as [a − b = 0] (gadgets/zero.ts). Differences of
 * bounded integers are far smaller than the field's order, so that they are what they are over the integers. Elements
 * that the bounds decide are numbers. Rows: b + 1 for an order, b against a constant; 3 for an equality, 1 of booleans.
 */
export const lowerCompare: Lower<'compare'> = (context, { relation }) => {
  const [a, b] = context.operands;
  const [left, right] = [rangeOfOperand(context, 0), rangeOfOperand(context, 1)];
  const origin = context.origin('compare');
  const least = left.lo.map((lo, i) => lo - right.hi[i]);
  const most = left.hi.map((hi, i) => hi - right.lo[i]);
  if (relation === 'eq') {
    const difference = combine(
      context,
      [
        [a, 1],
        [b, -1],
      ],
      0,
    );
    return isZero(context, difference, least, most, origin);
  }
  const strict = relation === 'lt' ? 1 : 0;
  const lead = combine(
    context,
    [
      [b, 1],
      [a, -1],
    ],
    -strict + 0,
  );
  return isNonNegative(
    context,
    lead,
    most.map((v) => -v - strict),
    least.map((v) => -v - strict),
    origin,
  );
};

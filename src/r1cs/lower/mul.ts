import { Assembly, indicesWhere, multiply, pick, valuesAt } from '../gadgets/quantity.ts';
import type { Side } from '../side.ts';
import type { Lower } from './context.ts';
import { rangeOfOperand } from './context.ts';

/**
 * Elementwise product. One row x·y = z where both factors vary: z is then determined in the field, and as an integer
 * because the bounds of x and y keep their product below 2^53. A factor whose bounds coincide is a number, and the
 * product linear. Rows: 1 per element, 0 with a known factor.
 */
export const lowerMul: Lower<'mul'> = (context) => {
  const [a, b] = [rangeOfOperand(context, 0), rangeOfOperand(context, 1)];
  const { lo, hi } = context.ranges[context.id];
  const [left, right] = context.operands;
  const isFixed = (range: typeof a, i: number): boolean => range.lo[i] === range.hi[i];
  const result = new Assembly(lo);
  const scaled = (elements: Int32Array, x: typeof left, factors: Float64Array): void =>
    result.put(elements, {
      size: elements.length,
      emit: (side: Side, i, factor) => x.emit(side, elements[i], factor * factors[i]),
    });
  const both = indicesWhere(lo.length, (i) => !isFixed(a, i) && !isFixed(b, i));
  if (both.length > 0) {
    const product = multiply(
      context,
      pick(context, [left], both),
      pick(context, [right], both),
      context.origin('product'),
    );
    result.put(both, product);
  }
  const open = (i: number): boolean => lo[i] < hi[i];
  const fixedLeft = indicesWhere(lo.length, (i) => open(i) && isFixed(a, i));
  scaled(fixedLeft, right, valuesAt(a.lo, fixedLeft));
  const fixedRight = indicesWhere(lo.length, (i) => open(i) && isFixed(b, i));
  scaled(fixedRight, left, valuesAt(b.lo, fixedRight));
  return result.finish();
};

import { Assembly, combine, freshWires, indicesWhere, pick, valuesAt } from '../gadgets/quantity.ts';
import { type Lower, rangeOfOperand, UnprovableNodeError } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * c ? a : b as y = b + c·(a − b). Assumes that c is 0 or 1, which its bounds prove. Rows: 1 per element, 0 where c or both
 * sides are known.
 */
export const lowerSelect: Lower<'select'> = (context, node) => {
  const [condition, a, b] = [0, 1, 2].map((index) => rangeOfOperand(context, index));
  const [c, left, right] = context.operands;
  const { lo, hi } = context.ranges[context.id];
  if (condition.lo.some((least, i) => least < 0 || condition.hi[i] > 1)) {
    throw new UnprovableNodeError(node, 'its condition may be other than 0 and 1', 'Compare it with zero first.');
  }
  const { system } = context;
  const result = new Assembly(lo);
  const isFixed = (range: typeof a, i: number): boolean => range.lo[i] === range.hi[i];
  const chosen = (value: 0 | 1): Int32Array =>
    indicesWhere(lo.length, (i) => lo[i] < hi[i] && isFixed(condition, i) && condition.lo[i] === value);
  const [always, never] = [chosen(1), chosen(0)];
  if (always.length > 0) result.put(always, pick(context, [left], always));
  if (never.length > 0) result.put(never, pick(context, [right], never));
  const open = (i: number): boolean => !isFixed(condition, i);
  const linear = indicesWhere(lo.length, (i) => open(i) && isFixed(a, i) && isFixed(b, i));
  if (linear.length > 0) {
    const low = valuesAt(b.lo, linear);
    const step = valuesAt(a.lo, linear).map((v, i) => v - low[i]);
    result.put(linear, {
      size: linear.length,
      emit(side, i, factor) {
        c.emit(side, linear[i], factor * step[i] + 0);
        side.add(0, factor * low[i] + 0);
      },
    });
  }
  const products = indicesWhere(lo.length, (i) => open(i) && !(isFixed(a, i) && isFixed(b, i)));
  if (products.length > 0) {
    const origin = context.origin('select');
    const y = freshWires(context, valuesOf(context, products), products.length, origin);
    const other = pick(context, [right], products);
    const difference = combine(
      context,
      [
        [pick(context, [left], products), 1],
        [other, -1],
      ],
      0,
    );
    for (let i = 0; i < products.length; i++) {
      c.emit(system.a, products[i], 1);
      difference.emit(system.b, i, 1);
      y.emit(system.c, i, 1);
      other.emit(system.c, i, -1);
      system.closeRow(origin);
    }
    result.put(products, y);
  }
  return result.finish();
};

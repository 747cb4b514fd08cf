import { bitLength } from '../../quant/width.ts';
import { decompose } from '../gadgets/bits.ts';
import { Assembly, combine, freshWires, indicesWhere, pick } from '../gadgets/quantity.ts';
import { type Lower, rangeOfOperand } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * y = floor(√v), v = factor·x. With m bits of y:
 *
 *     y in [0, 2^m),    y·y = v − r,    r in [0, 2^(m+1)),    2y − r in [0, 2^(m+1))
 *
 * so that y² ≤ v ≤ y² + 2y < (y + 1)² over the integers, which one y ≥ 0 satisfies; the other root, −y, is no m-bit
 * number. All parts are small, so that nothing wraps. v ≥ 0 follows and need not be assumed: an element that could be
 * negative is checked even where its root is known. Rows: 3m + 4.
 */
export const lowerSqrt: Lower<'sqrt'> = (context, node) => {
  const range = rangeOfOperand(context, 0);
  const { lo, hi } = context.ranges[context.id];
  const result = new Assembly(lo);
  const open = indicesWhere(lo.length, (i) => lo[i] < hi[i] || range.lo[i] < 0);
  if (open.length === 0) return result.finish();
  const { system, hints } = context;
  const origin = context.origin('sqrt');
  const v = combine(context, [[pick(context, context.operands, open), node.factor]], 0);
  const y = freshWires(context, valuesOf(context, open), open.length, origin);
  const offset = new Float64Array(open.length);
  const widths = Uint8Array.from(open, (i) => bitLength(hi[i]));
  decompose(context, y, { widths, offset, origin });
  const square = hints.derive({ kind: 'product', left: y.column, right: y.column });
  const terms = [
    { column: v.column, coefficient: 1 },
    { column: square, coefficient: -1 },
  ];
  const rest = hints.derive({ kind: 'combine', terms, constant: 0, size: y.size });
  const r = freshWires(context, rest, y.size, origin);
  for (let i = 0; i < y.size; i++) {
    y.emit(system.a, i, 1);
    y.emit(system.b, i, 1);
    v.emit(system.c, i, 1);
    r.emit(system.c, i, -1);
    system.closeRow(origin);
  }
  const restWidths = Uint8Array.from(open, (i) => bitLength(2 * hi[i]));
  decompose(context, r, { widths: restWidths, offset, origin });
  const room = [
    [y, 2],
    [r, -1],
  ] as const;
  decompose(context, combine(context, room, 0), { widths: restWidths, offset, origin });
  result.put(open, y);
  return result.finish();
};

import { rescaleForm } from '../../quant/expressions.ts';
import type { QRescale } from '../../quant/qgraph.ts';
import { halfOf, rescaleWidth } from '../../quant/width.ts';
import { Assembly, combine, indicesWhere, pick, valuesAt } from '../gadgets/quantity.ts';
import { floorQuotient } from '../gadgets/quotient.ts';
import { positivePart } from '../gadgets/sign.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * Requantise, with or without ReLU, element by element, t = x + 2^(s−1).
 *
 * - ReLU: max(0, floor(t / 2^s)) from the bits of t, its dense expression once on a C side (gadgets/sign.ts). b is taken
 *   from t, not from x: the rounding constant can cross a power of two. Rows: b + 2.
 * - Plain, or a ReLU that the bounds make one: floor(t / 2^s) with its remainder (gadgets/quotient.ts). Rows: b + 1, b
 *   the bits of the result and those shifted out.
 * - Nothing to do, or a known result: no rows.
 *
 * An enforced width is checked whatever the bounds say: t lies in [−2^(width−1), 2^(width−1)) or no witness exists, just
 * as the integer interpreter refuses such a value. The bounds of everything downstream rely on it.
 */
export const lowerRescale: Lower<'rescale'> = (context, node) => {
  const x = rangeOfOperand(context, 0);
  const own = context.ranges[context.id];
  const size = own.lo.length;
  const result = new Assembly(own.lo);
  const forms = Array.from({ length: size }, (_, i) => rescaleForm(node, x.lo[i], x.hi[i]));
  const same = indicesWhere(size, (i) => forms[i] === 'same');
  if (same.length > 0) result.put(same, pick(context, context.operands, same));
  const relu = indicesWhere(size, (i) => forms[i] === 'relu');
  if (relu.length > 0) {
    const widths = Uint8Array.from(relu, (i) => node.width ?? rescaleWidth(x.lo[i], x.hi[i], node.shift));
    const options = { widths, shift: node.shift, column: valuesOf(context, relu), origin: context.origin('relu') };
    result.put(relu, positivePart(context, pick(context, context.operands, relu), options));
  }
  const plain = indicesWhere(size, (i) => forms[i] === 'plain');
  if (plain.length > 0) result.put(plain, requantise(context, node, plain));
  return result.finish();
};

function requantise(context: Lowering, { shift, width }: QRescale, elements: Int32Array) {
  const { lo, hi } = context.ranges[context.id];
  const x = pick(context, context.operands, elements);
  const origin = context.origin('requantise');
  const options = { shift, column: valuesOf(context, elements), origin };
  const t = shift === 0 ? x : combine(context, [[x, 1]], halfOf(shift));
  if (width === null) {
    return floorQuotient(context, t, { ...options, lo: valuesAt(lo, elements), hi: valuesAt(hi, elements) });
  }
  const least = new Float64Array(elements.length).fill(-(2 ** (width - 1 - shift)));
  const widths = new Uint8Array(elements.length).fill(width - shift);
  return floorQuotient(context, t, { ...options, lo: least, hi: least, widths });
}

/** The node's own values at some elements, as a column. */
export function valuesOf({ hints, id, ranges }: Lowering, elements: Int32Array): number {
  if (elements.length === ranges[id].lo.length) return id;
  return hints.derive({ kind: 'gather', columns: [id], index: elements });
}

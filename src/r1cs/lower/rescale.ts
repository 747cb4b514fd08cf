import { enforcedWidth, rescaleForm } from '../../quant/expressions.ts';
import type { QRescale, Range } from '../../quant/qgraph.ts';
import { bitLength, halfOf, rescaleWidth } from '../../quant/width.ts';
import { Assembly, combine, indicesWhere, pick } from '../gadgets/quantity.ts';
import { floorQuotient } from '../gadgets/quotient.ts';
import { boundsAt, positivePart } from '../gadgets/sign.ts';
import type { Quantity } from '../wire-tensor.ts';
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
 * An enforced width is checked wherever the bounds do not prove it: t lies in [−2^(width−1), 2^(width−1)) or no witness
 * exists, just as the integer interpreter refuses such a value. The bounds of everything downstream rely on it.
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
    const widthOf = (i: number): number =>
      enforcedWidth(node, x.lo[i], x.hi[i]) ?? rescaleWidth(x.lo[i], x.hi[i], node.shift);
    const widths = Uint8Array.from(relu, widthOf);
    const options = { widths, shift: node.shift, column: valuesOf(context, relu), origin: context.origin('relu') };
    result.put(relu, positivePart(context, pick(context, context.operands, relu), options));
  }
  const plain = indicesWhere(size, (i) => forms[i] === 'plain');
  if (plain.length > 0) result.put(plain, requantise(context, node, x, plain));
  return result.finish();
};

function requantise(context: Lowering, node: QRescale, range: Range, elements: Int32Array): Quantity {
  const { shift } = node;
  const own = context.ranges[context.id];
  const x = pick(context, context.operands, elements);
  const t = shift === 0 ? x : combine(context, [[x, 1]], halfOf(shift));
  const { lo, hi } = boundsAt(own, elements);
  const widths = Uint8Array.from(lo, (least, i) => bitLength(hi[i] - least));
  for (const [i, element] of elements.entries()) {
    const width = enforcedWidth(node, range.lo[element], range.hi[element]);
    if (width === null) continue;
    lo[i] = -(2 ** (width - 1 - shift));
    widths[i] = width - shift;
  }
  return floorQuotient(context, t, {
    shift,
    lo,
    hi,
    widths,
    column: valuesOf(context, elements),
    origin: context.origin('requantise'),
  });
}

/** The node's own values at some elements, as a column. */
export function valuesOf({ hints, id, ranges }: Lowering, elements: Int32Array): number {
  if (elements.length === ranges[id].lo.length) return id;
  return hints.derive({ kind: 'gather', columns: [id], index: elements });
}

import { isInside } from '../../quant/cost/rounding.ts';
import type { QFunction } from '../../quant/qgraph.ts';
import { keySideTerms } from '../../quant/rows.ts';
import { halfOf } from '../../quant/width.ts';
import { type Bits, decompose } from '../gadgets/bits.ts';
import { Assembly, combine, freshWires, indicesWhere, materialise, pick } from '../gadgets/quantity.ts';
import { floorQuotient } from '../gadgets/quotient.ts';
import { type SegmentSelector, selectSegment } from '../gadgets/segment.ts';
import { boundsAt } from '../gadgets/sign.ts';
import type { Quantity } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * Piecewise polynomial. The bits of u = x − lo prove that x lies in the function's domain; the top ones select a segment
 * (gadgets/segment.ts), the others are the place r in it. Horner's rule takes one product per degree, each with a dense
 * combination of coefficients on the C side, and the last sum is requantised (gadgets/quotient.ts). No hint but
 * bits, products and a quotient, all unique. Rows: bits of x, 2^k − k − 1 for the selector, the degree, 1 for leading
 * coefficients of more than 32 segments, and those of the requantisation.
 *
 * An element whose result is known is a number only if its bounds lie in the domain; else the domain is still checked.
 */
export const lowerFunction: Lower<'function'> = (context, node) => {
  const x = rangeOfOperand(context, 0);
  const { lo, hi } = context.ranges[context.id];
  const result = new Assembly(lo);
  const open = indicesWhere(lo.length, (i) => lo[i] < hi[i] || !isInside(node, x.lo[i], x.hi[i]));
  if (open.length === 0) return result.finish();
  const origin = context.origin(node.name);
  const u = combine(context, [[pick(context, context.operands, open), 1]], -node.lo + 0);
  const widths = new Uint8Array(open.length).fill(node.bits);
  const bits = decompose(context, u, { widths, offset: new Float64Array(open.length), origin });
  const sum = evaluate(context, node, u, bits, origin);
  if (node.shift === 0) {
    result.put(open, sum);
    return result.finish();
  }
  const bounds = boundsAt(context.ranges[context.id], open);
  const options = { shift: node.shift, ...bounds, column: valuesOf(context, open), origin };
  result.put(open, floorQuotient(context, combine(context, [[sum, 1]], halfOf(node.shift)), options));
  return result.finish();
};

/** Σ coefficient_d(segment)·r^d. */
function evaluate(context: Lowering, node: QFunction, u: Quantity, bits: Bits, origin: number): Quantity {
  const { system, hints } = context;
  const restBits = node.bits - node.segmentBits;
  const selector = selectSegment(context, bits, u, node.bits, node.segmentBits, origin);
  const segment = hints.derive({ kind: 'quotient', column: u.column, divisor: 2 ** restBits });
  const coefficients = node.coefficients.map((table) => looked(context, selector, segment, table, u.size));
  const degree = restBits === 0 ? 0 : coefficients.length - 1;
  if (degree === 0) return coefficients[0];
  const place = placeIn(context, u, bits, segment, restBits);
  const leading = coefficients[degree];
  let sum = 2 ** node.segmentBits > keySideTerms ? materialise(context, leading, origin) : leading;
  for (let d = degree - 1; d >= 0; d--) {
    const product = hints.derive({ kind: 'product', left: sum.column, right: place.column });
    const terms = [product, coefficients[d].column].map((column) => ({ column, coefficient: 1 }));
    const total = hints.derive({ kind: 'combine', terms, constant: 0, size: u.size });
    // The last product stays apart: its sum with the lowest coefficients is an expression, written once.
    const own = freshWires(context, d === 0 ? product : total, u.size, origin);
    for (let i = 0; i < u.size; i++) {
      sum.emit(system.a, i, 1);
      place.emit(system.b, i, 1);
      own.emit(system.c, i, 1);
      if (d > 0) coefficients[d].emit(system.c, i, -1);
      system.closeRow(origin);
    }
    sum = own;
  }
  return combine(
    context,
    [
      [sum, 1],
      [coefficients[0], 1],
    ],
    0,
  );
}

function looked(
  { hints }: Lowering,
  selector: SegmentSelector,
  segment: number,
  table: Float64Array,
  size: number,
): Quantity {
  const column = hints.derive({ kind: 'lookup', column: segment, table });
  return { size, terms: table.length, column, emit: (side, i, factor) => selector.look(side, i, table, factor) };
}

/** r = u − 2^restBits·segment, the low bits of u. */
function placeIn({ hints }: Lowering, u: Quantity, bits: Bits, segment: number, restBits: number): Quantity {
  const terms = [
    { column: u.column, coefficient: 1 },
    { column: segment, coefficient: -(2 ** restBits) },
  ];
  const column = hints.derive({ kind: 'combine', terms, constant: 0, size: u.size });
  return {
    size: u.size,
    terms: restBits,
    column,
    emit: (side, i, factor) => bits.span(side, i, 0, restBits, factor),
  };
}

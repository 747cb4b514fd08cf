import { largestRemainder } from '../../quant/cost/arithmetic.ts';
import type { QDivide, Range } from '../../quant/qgraph.ts';
import { bitLength } from '../../quant/width.ts';
import { decompose } from '../gadgets/bits.ts';
import { Assembly, combine, freshWires, indicesWhere, multiply, pick } from '../gadgets/quantity.ts';
import { boundsAt, isNonNegative } from '../gadgets/sign.ts';
import type { Quantity, WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand, UnprovableNodeError } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * Integer quotient q of n by d, where d ≥ 1 after both are negated for a negative divisor: n = factor·x, or for
 * `nearest` n = 2·factor·x + y and d = 2y. Rows per element:
 *
 *     q·d = n − r,    q − q_lo in [0, 2^a),    r in [0, 2^c),    d − 1 − r in [0, 2^c)
 *
 * The two checks of r give 0 ≤ r < d over the integers. q is range-checked too: q·d + r is then far below the field's
 * order, so that the product row holds over the integers, and division with remainder is unique. Without the check of
 * q any r would do, with a q of full size. Assumes bounds of y that exclude 0; others are refused.
 *
 * `trunc` with a dividend of either sign rounds up below zero: n + [n < 0]·(d − 1) is divided toward −∞. The sign is
 * x's top bit, and 0 is not negative, so that it is unique. Rows: a + 2c + 2; for either sign b + 2 more.
 */
export const lowerDivide: Lower<'divide'> = (context, node) => {
  const [x, y] = [rangeOfOperand(context, 0), rangeOfOperand(context, 1)];
  const { lo, hi } = context.ranges[context.id];
  const negativeTooFew = node.mode === 'nearest' && y.lo.some((least) => least < 0);
  if (negativeTooFew || y.lo.some((least, i) => least <= 0 && y.hi[i] >= 0)) {
    const fix = 'Keep the divisor away from zero in the model, or declare narrower input bounds.';
    throw new UnprovableNodeError(node, 'the bounds of its divisor contain zero', fix);
  }
  const result = new Assembly(lo);
  for (const sign of [1, -1] as const) {
    for (const form of ['down', 'up', 'either'] as const) {
      const elements = indicesWhere(
        lo.length,
        (i) => lo[i] < hi[i] && y.lo[i] > 0 === sign > 0 && formOf(node, sign, x, i) === form,
      );
      if (elements.length > 0) result.put(elements, divide(context, node, elements, sign, form));
    }
  }
  return result.finish();
};

/** Which way the quotient of n by d is rounded; `either` depends on the sign of n. */
type Form = 'down' | 'up' | 'either';

function formOf({ mode }: QDivide, sign: 1 | -1, x: Range, i: number): Form {
  if (mode !== 'trunc') return 'down';
  if (x.lo[i] < 0 && x.hi[i] > 0) return 'either';
  return x.lo[i] >= 0 === sign > 0 ? 'down' : 'up';
}

function divide(context: Lowering, node: QDivide, elements: Int32Array, sign: 1 | -1, form: Form): WireTensor {
  const { system, hints } = context;
  const origin = context.origin('divide');
  const [x, y] = context.operands.map((operand) => pick(context, [operand], elements));
  const nearest = node.mode === 'nearest';
  const d = combine(context, [[y, nearest ? 2 : sign]], 0);
  const dividend = [[x, sign * node.factor * (nearest ? 2 : 1)], ...(nearest ? [[y, 1] as const] : [])] as const;
  const n = roundedUp(context, combine(context, dividend, 0), d, elements, sign, form);
  const { lo, hi } = boundsAt(context.ranges[context.id], elements);
  const q = freshWires(context, valuesOf(context, elements), elements.length, origin);
  const widths = Uint8Array.from(lo, (least, i) => bitLength(hi[i] - least));
  decompose(context, q, { widths, offset: lo.map((least) => -least + 0), origin });
  const product = hints.derive({ kind: 'product', left: q.column, right: d.column });
  const terms = [
    { column: n.column, coefficient: 1 },
    { column: product, coefficient: -1 },
  ];
  const rest = hints.derive({ kind: 'combine', terms, constant: 0, size: q.size });
  const r = freshWires(context, rest, q.size, origin);
  for (let i = 0; i < q.size; i++) {
    q.emit(system.a, i, 1);
    d.emit(system.b, i, 1);
    n.emit(system.c, i, 1);
    r.emit(system.c, i, -1);
    system.closeRow(origin);
  }
  const divisor = rangeOfOperand(context, 1);
  const restWidths = Uint8Array.from(elements, (i) => bitLength(largestRemainder(node, divisor, i)));
  const offset = new Float64Array(q.size);
  decompose(context, r, { widths: restWidths, offset, origin });
  const room = [
    [d, 1],
    [r, -1],
  ] as const;
  decompose(context, combine(context, room, -1), { widths: restWidths, offset, origin });
  return q;
}

/** n plus d − 1 where the quotient is rounded up. */
function roundedUp(
  context: Lowering,
  n: Quantity,
  d: Quantity,
  elements: Int32Array,
  sign: 1 | -1,
  form: Form,
): Quantity {
  if (form === 'down') return n;
  if (form === 'up') {
    return combine(
      context,
      [
        [n, 1],
        [d, 1],
      ],
      -1,
    );
  }
  const origin = context.origin('divide');
  const x = pick(context, [context.operands[0]], elements);
  const { lo, hi } = boundsAt(rangeOfOperand(context, 0), elements);
  const positive = isNonNegative(context, x, lo, hi, origin);
  // [n < 0], or [n ≤ 0] for a negative divisor: a dividend of zero rounds to zero either way.
  const up = combine(context, [[positive, -sign]], sign > 0 ? 1 : 0);
  const divisor = rangeOfOperand(context, 1);
  const isFixed = (i: number): boolean => divisor.lo[elements[i]] === divisor.hi[elements[i]];
  const raise = new Assembly(new Float64Array(n.size));
  const factor = Float64Array.from(elements, (i) => Math.abs(divisor.lo[i]) - 1);
  const fixed = indicesWhere(n.size, isFixed);
  raise.put(fixed, { size: fixed.length, emit: (side, i, f) => up.emit(side, fixed[i], f * factor[fixed[i]]) });
  const open = indicesWhere(n.size, (i) => !isFixed(i));
  const less = combine(context, [[d, 1]], -1);
  if (open.length > 0) {
    raise.put(open, multiply(context, pick(context, [up], open), pick(context, [less], open), origin));
  }
  const column = context.hints.derive({ kind: 'product', left: up.column, right: less.column });
  return combine(
    context,
    [
      [n, 1],
      [{ ...raise.finish(), terms: 1, column }, 1],
    ],
    0,
  );
}

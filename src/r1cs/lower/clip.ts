import { type ClipPlan, planClip } from '../../quant/clip-plan.ts';
import { decompose } from '../gadgets/bits.ts';
import { matchPattern } from '../gadgets/pattern.ts';
import { Assembly, combine, freshWires, indicesWhere, pick } from '../gadgets/quantity.ts';
import { rectified, rectify } from '../gadgets/sign.ts';
import type { Quantity, WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * min(max(x, lo), hi), element by element, in the forms that `planClip` names. Each is made of positive parts, whose
 * decomposition names x once and determines every bit (gadgets/sign.ts):
 *
 * - one end: lo + max(0, x − lo), or hi − max(0, hi − x). Rows: b + 2.
 * - both ends apart by 2^h or 2^h − 1: with t = x − lo, s its sign and `inside` = [t ≥ 0 and no bit of t from h up is set],
 *   y = lo + inside·(t's low h bits) + (s − inside)·(hi − lo). At t = 2^h both formulas give the same number, so that the
 *   cut may lie on either side of it. Rows: b + 5.
 * - otherwise a coarse cut of this kind and a fine one on the few bits that remain, or one end after the other.
 *
 * An element whose bounds lie inside is passed on.
 */
export const lowerClip: Lower<'clip'> = (context, node) => {
  const x = rangeOfOperand(context, 0);
  const { lo, hi } = context.ranges[context.id];
  const plans = Array.from(lo, (_, i) => planClip(node.lo, node.hi, x.lo[i], x.hi[i]));
  const result = new Assembly(lo);
  for (const form of ['none', 'below', 'above', 'both', 'saturate'] as const) {
    const elements = indicesWhere(lo.length, (i) => plans[i].form === form && lo[i] < hi[i]);
    if (elements.length === 0) continue;
    const part = pick(context, context.operands, elements);
    const own = Array.from(elements, (i) => plans[i]);
    result.put(elements, clipAs(context, form, part, own, [node.lo, node.hi]));
  }
  return result.finish();
};

function clipAs(
  context: Lowering,
  form: ClipPlan['form'],
  x: Quantity,
  plans: readonly ClipPlan[],
  [lo, hi]: readonly [number, number],
): WireTensor {
  const origin = context.origin('clip');
  const widths = Uint8Array.from(plans, ({ width }) => width);
  switch (form) {
    case 'none':
      return x;
    case 'below':
      return combine(context, [[rectify(context, combine(context, [[x, 1]], -lo + 0), widths, origin), 1]], lo);
    case 'above':
      return combine(context, [[rectify(context, combine(context, [[x, -1]], hi), widths, origin), -1]], hi);
    case 'both': {
      const raised = rectify(context, combine(context, [[x, 1]], -lo + 0), widths, origin);
      return cutAbove(context, raised, plans, lo, hi, origin);
    }
    case 'saturate': {
      const coarse = saturate(context, combine(context, [[x, 1]], -lo + 0), plans, widths, origin);
      return cutAbove(context, coarse, plans, lo, hi, origin);
    }
  }
}

/** hi − max(0, hi − lo − v), where a plan has a second part; else lo + v. */
function cutAbove(
  context: Lowering,
  v: Quantity,
  plans: readonly ClipPlan[],
  lo: number,
  hi: number,
  origin: number,
): WireTensor {
  const result = new Assembly(new Float64Array(plans.length));
  const done = indicesWhere(plans.length, (i) => plans[i].second === 0);
  if (done.length > 0) result.put(done, combine(context, [[pick(context, [v], done), 1]], lo));
  const rest = indicesWhere(plans.length, (i) => plans[i].second > 0);
  if (rest.length > 0) {
    const room = combine(context, [[pick(context, [v], rest), -1]], hi - lo);
    const widths = Uint8Array.from(rest, (i) => plans[i].second);
    result.put(rest, combine(context, [[rectify(context, room, widths, origin), -1]], hi));
  }
  return result.finish();
}

/** min(max(t, 0), cap) for a cap of 2^span or 2^span − 1. */
function saturate(
  context: Lowering,
  t: Quantity,
  plans: readonly ClipPlan[],
  widths: Uint8Array,
  origin: number,
): Quantity {
  const { system, hints } = context;
  const [{ span, cap }] = plans;
  const offset = Float64Array.from(widths, (width) => 2 ** (width - 1));
  const bits = decompose(context, t, { widths, offset, origin });
  const upper = hints.derive({ kind: 'quotient', column: t.column, divisor: 2 ** span });
  const inside = matchPattern(context, bits, { from: span, to: widths, top: 1, column: upper, origin });
  const low = clippedColumn(context, t, cap);
  const result = freshWires(context, low, t.size, origin);
  for (let i = 0; i < t.size; i++) {
    inside.emit(system.a, i, 1);
    bits.span(system.b, i, 0, span, 1);
    result.emit(system.c, i, 1);
    bits.bit(system.c, i, widths[i] - 1, -cap);
    inside.emit(system.c, i, cap);
    system.closeRow(origin);
  }
  return result;
}

/** Honest values of min(max(t, 0), cap): max(0, t) − max(0, t − cap). */
function clippedColumn(context: Lowering, t: Quantity, cap: number): number {
  const { hints } = context;
  const terms = [{ column: t.column, coefficient: 1 }];
  const over = hints.derive({ kind: 'combine', terms, constant: -cap, size: t.size });
  return hints.derive({
    kind: 'combine',
    terms: [
      { column: rectified(context, t.column), coefficient: 1 },
      { column: rectified(context, over), coefficient: -1 },
    ],
    constant: 0,
    size: t.size,
  });
}

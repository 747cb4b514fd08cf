import { type SignForm, signForm } from '../../quant/rows.ts';
import { halfOf, signedWidth } from '../../quant/width.ts';
import type { Lowering } from '../lower/context.ts';
import type { Quantity } from '../wire-tensor.ts';
import { decompose } from './bits.ts';
import { Assembly, combine, freshWires, indicesWhere, pick, valuesAt } from './quantity.ts';

/**
 * [t ≥ 0] for t[i] in [lo[i], hi[i]], as 0 or 1. The answer is the top bit of t + 2^(w−1) in w bits, w the signed width of
 * the bounds. Sound because the offset is exactly the top bit's weight: with the bits below it, that bit is 1 exactly
 * for t ≥ 0. Zero counts as not negative, whoever proves. Rows: `signRows`.
 */
export function isNonNegative(
  context: Lowering,
  t: Quantity,
  lo: Float64Array,
  hi: Float64Array,
  origin: number,
): Quantity {
  const forms = Array.from(lo, (least, i): SignForm => signForm(least, hi[i]));
  const answer = new Assembly(Float64Array.from(forms, (form) => (form === 'always' ? 1 : 0)));
  const linear = indicesWhere(t.size, (i) => forms[i] === 'linear');
  if (linear.length > 0) answer.put(linear, combine(context, [[pick(context, [t], linear), 1]], 1));
  const open = indicesWhere(t.size, (i) => forms[i] === 'bits');
  if (open.length > 0) {
    const widths = Uint8Array.from(open, (i) => signedWidth(lo[i], hi[i]));
    const offset = Float64Array.from(widths, (width) => 2 ** (width - 1));
    const bits = decompose(context, pick(context, [t], open), { widths, offset, origin });
    answer.put(open, { size: open.length, emit: (side, i, factor) => bits.bit(side, i, widths[i] - 1, factor) });
  }
  const column = context.hints.derive({ kind: 'sign', column: t.column });
  return { ...answer.finish(), terms: linear.length > 0 ? Math.max(1, t.terms) : 1, column };
}

export interface PositivePartOptions {
  /** Signed width of t, above `shift`. */
  readonly widths: Uint8Array;
  readonly shift: number;
  /** Honest values of the result. */
  readonly column: number;
  readonly origin: number;
  /** Added to the result, at no cost. */
  readonly base?: Quantity;
}

/**
 * max(0, floor(t / 2^shift)) with t = x + half of 2^shift, as one wire: the sign of t times the bits of t from `shift` on.
 * While t ≥ 0 those bits are t's own; below, the sign is 0. Rows: `rangeRows(width, terms)` + 1, and t is any integer
 * in [−2^(width−1), 2^(width−1)), which the decomposition enforces.
 */
export function positivePart(
  context: Lowering,
  x: Quantity,
  { widths, shift, column, origin, base }: PositivePartOptions,
): Quantity & { readonly first: number } {
  const { system } = context;
  const offset = Float64Array.from(widths, (width) => 2 ** (width - 1) + halfOf(shift));
  const bits = decompose(context, x, { widths, offset, origin });
  const part = freshWires(context, column, x.size, origin);
  for (let i = 0; i < x.size; i++) {
    bits.bit(system.a, i, widths[i] - 1, 1);
    bits.span(system.b, i, shift, widths[i] - 1, 1);
    part.emit(system.c, i, 1);
    base?.emit(system.c, i, -1);
    system.closeRow(origin);
  }
  return part;
}

/** `positivePart` of t itself, not shifted. */
export function rectify(context: Lowering, t: Quantity, widths: Uint8Array, origin: number): Quantity {
  return positivePart(context, t, { widths, shift: 0, column: rectified(context, t.column), origin });
}

/** base + max(0, t) as one wire. */
export function raise(
  context: Lowering,
  base: Quantity,
  t: Quantity,
  widths: Uint8Array,
  origin: number,
): Quantity & { readonly first: number } {
  const terms = [base.column, rectified(context, t.column)].map((column) => ({ column, coefficient: 1 }));
  const column = context.hints.derive({ kind: 'combine', terms, constant: 0, size: t.size });
  return positivePart(context, t, { widths, shift: 0, column, origin, base });
}

/** Honest values of max(0, t). */
export function rectified({ hints }: Lowering, column: number): number {
  return hints.derive({ kind: 'product', left: hints.derive({ kind: 'sign', column }), right: column });
}

/** Bounds of some elements, for a gadget that works on those alone. */
export function boundsAt(
  { lo, hi }: { readonly lo: Float64Array; readonly hi: Float64Array },
  elements: Int32Array,
): { readonly lo: Float64Array; readonly hi: Float64Array } {
  return { lo: valuesAt(lo, elements), hi: valuesAt(hi, elements) };
}

import { type ZeroForm, zeroForm } from '../../quant/rows.ts';
import type { Lowering } from '../lower/context.ts';
import type { Quantity, WireTensor } from '../wire-tensor.ts';
import { Assembly, combine, freshWires, indicesWhere, materialise, pick } from './quantity.ts';

/**
 * [d = 0] for d[i] in [lo[i], hi[i]], as 0 or 1. Where d may be anything, with a hint v:
 *
 *     d·v = 1 − z,    d·z = 0,    z·v = 0
 *
 * If d = 0 the first row forces z = 1 and the third v = 0; if d ≠ 0 the second forces z = 0 and the first v = 1/d. So both
 * z and v are unique, without any assumption on d. Where d is −1, 0 or 1 one row does: d·d = 1 − z. Rows: `zeroRows`.
 */
export function isZero(context: Lowering, d: Quantity, lo: Float64Array, hi: Float64Array, origin: number): Quantity {
  const forms = Array.from(lo, (least, i): ZeroForm => zeroForm(least, hi[i]));
  const answer = new Assembly(Float64Array.from(forms, (form) => (form === 'always' ? 1 : 0)));
  const elementsOf = (form: ZeroForm): Int32Array => indicesWhere(d.size, (i) => forms[i] === form);
  const part = (elements: Int32Array): Quantity => pick(context, [d], elements);
  const bits = elementsOf('bit');
  if (bits.length > 0) answer.put(bits, combine(context, [[part(bits), -1]], 1));
  const negative = elementsOf('negative bit');
  if (negative.length > 0) answer.put(negative, combine(context, [[part(negative), 1]], 1));
  const named = (elements: Int32Array): Quantity =>
    d.terms > 2 ? materialise(context, part(elements), origin) : part(elements);
  const squares = elementsOf('square');
  if (squares.length > 0) answer.put(squares, oneLessSquare(context, named(squares), origin));
  const inverses = elementsOf('inverse');
  if (inverses.length > 0) answer.put(inverses, zeroByInverse(context, named(inverses), origin));
  const column = context.hints.derive({ kind: 'zero', column: d.column });
  return { ...answer.finish(), terms: bits.length + negative.length > 0 ? Math.max(1, d.terms) : 1, column };
}

function oneLessSquare(context: Lowering, d: Quantity, origin: number): WireTensor {
  const { system, hints } = context;
  const zero = freshWires(context, hints.derive({ kind: 'zero', column: d.column }), d.size, origin);
  for (let i = 0; i < d.size; i++) {
    d.emit(system.a, i, 1);
    d.emit(system.b, i, 1);
    system.c.add(0, 1);
    zero.emit(system.c, i, -1);
    system.closeRow(origin);
  }
  return zero;
}

/** The three rows above for every element of d. */
export function zeroByInverse(context: Lowering, d: Quantity, origin: number): Quantity {
  const { system, hints } = context;
  const zero = freshWires(context, hints.derive({ kind: 'zero', column: d.column }), d.size, origin);
  const inverse = system.allocateWires(d.size, origin);
  hints.place({ kind: 'inverse', column: d.column, first: inverse });
  for (let i = 0; i < d.size; i++) {
    d.emit(system.a, i, 1);
    system.b.add(inverse + i, 1);
    system.c.add(0, 1);
    zero.emit(system.c, i, -1);
    system.closeRow(origin);
    d.emit(system.a, i, 1);
    zero.emit(system.b, i, 1);
    system.closeRow(origin);
    zero.emit(system.a, i, 1);
    system.b.add(inverse + i, 1);
    system.closeRow(origin);
  }
  return zero;
}

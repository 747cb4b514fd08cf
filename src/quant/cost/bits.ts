import type { QBits, Range } from '../qgraph.ts';
import { rangeRows } from '../rows.ts';
import { bitLength, signedWidth } from '../width.ts';
import { quotientRows } from './rounding.ts';

/** Rows of a bit operation on every element. */
export function bitsRows(node: QBits, operands: readonly Range[], y: Range, terms: readonly number[]): number {
  const [a] = operands;
  const b = operands[1] ?? a;
  let rows = 0;
  for (let i = 0; i < y.lo.length; i++) {
    if (node.op === 'wrap') rows += wrapRows(node, a.lo[i], a.hi[i]);
    else if (node.op === 'shr') rows += y.lo[i] === y.hi[i] || node.amount === 0 ? 0 : shiftRows(node, y, i);
    else rows += pairRows(planPair(a, b, i), terms);
  }
  return rows;
}

function shiftRows({ amount }: QBits, y: Range, i: number): number {
  return quotientRows(y.lo[i], y.hi[i], amount);
}

/** Multiples of 2^width that lie between x and its representative, relative to the least value of the type. */
export function turnsOf({ width, signed }: QBits, lo: number, hi: number): readonly [number, number] {
  const least = signed ? -(2 ** (width - 1)) : 0;
  return [Math.floor((lo - least) / 2 ** width), Math.floor((hi - least) / 2 ** width)];
}

/** The wrapped value's bits, those above it, and the row that recomposes both; nothing where nothing wraps. */
function wrapRows(node: QBits, lo: number, hi: number): number {
  const [first, last] = turnsOf(node, lo, hi);
  return first === last ? 0 : rangeRows(node.width, 1) + rangeRows(bitLength(last - first), 2);
}

/** How one element of a pairwise operation is done: bits of each operand, and how many pairs of bits are multiplied. */
export interface PairPlan {
  /** Two's complement of the same width on both sides. */
  readonly signed: boolean;
  readonly widths: readonly [number, number];
  /** Whether an operand is known, or is a bit itself, and so is not decomposed. */
  readonly forms: readonly [PairForm, PairForm];
  readonly products: number;
}

export type PairForm = 'known' | 'bit' | 'bits';

export function planPair(a: Range, b: Range, i: number): PairPlan {
  const signed = a.lo[i] < 0 || b.lo[i] < 0;
  const common = Math.max(signedWidth(a.lo[i], a.hi[i]), signedWidth(b.lo[i], b.hi[i]));
  const widthOf = (x: Range): number => (signed ? common : bitLength(x.hi[i]));
  const formOf = (x: Range): PairForm => (x.lo[i] === x.hi[i] ? 'known' : !signed && x.hi[i] <= 1 ? 'bit' : 'bits');
  const forms = [formOf(a), formOf(b)] as const;
  const known = forms.includes('known');
  return {
    signed,
    forms,
    widths: [widthOf(a), widthOf(b)],
    products: known ? 0 : Math.min(widthOf(a), widthOf(b)),
  };
}

function pairRows({ widths, forms, products }: PairPlan, terms: readonly number[]): number {
  const rowsOf = (j: number): number => (forms[j] === 'bits' ? rangeRows(widths[j], terms[j] ?? terms[0]) : 0);
  return rowsOf(0) + rowsOf(1) + products;
}

import type { QArgMax, Range } from '../../quant/qgraph.ts';
import { bitLength } from '../../quant/width.ts';
import { decompose } from '../gadgets/bits.ts';
import { pickChosen, selectOne } from '../gadgets/one-hot.ts';
import { combine, pick } from '../gadgets/quantity.ts';
import { isNonNegative } from '../gadgets/sign.ts';
import { constants, type WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * Index of the largest element of each row. A one-hot selector names it and m is the element it names; then for every j,
 * m − x_j − [j comes before the index] ≥ 0, proved by a range check. With ties to the first, an equal element before
 * the index is thereby excluded, so that the index is unique; to the last, the same with "after". Each difference is at
 * most the row's range, and a negative one is no small number in the field. Of two elements the index is
 * [x_1 > x_0], or [x_1 ≥ x_0] with ties to the last. Rows: k selectors, k products, k range checks of b + 1.
 */
export const lowerArgMax: Lower<'argmax'> = (context, node) => {
  if (node.length === 1) return constants(new Float64Array(node.rows));
  return node.length === 2 ? compareTwo(context, node) : chooseOne(context, node);
};

function compareTwo(context: Lowering, { rows, tie }: QArgMax): WireTensor {
  const { lo, hi } = rangeOfOperand(context, 0);
  const strict = tie === 'first' ? 1 : 0;
  const element = (j: number): Int32Array => Int32Array.from({ length: rows }, (_, row) => 2 * row + j);
  const parts = [
    [pick(context, context.operands, element(1)), 1],
    [pick(context, context.operands, element(0)), -1],
  ] as const;
  const lead = combine(context, parts, -strict + 0);
  const least = Float64Array.from({ length: rows }, (_, row) => lo[2 * row + 1] - hi[2 * row] - strict);
  const most = Float64Array.from({ length: rows }, (_, row) => hi[2 * row + 1] - lo[2 * row] - strict);
  return isNonNegative(context, lead, least, most, context.origin('argmax'));
}

function chooseOne(context: Lowering, { rows, length, tie }: QArgMax): WireTensor {
  const range = rangeOfOperand(context, 0);
  const { hints, id } = context;
  const [x] = context.operands;
  const origin = context.origin('argmax');
  const selector = selectOne(context, id, rows, length, origin);
  const most = pickChosen(context, selector, x, (row) => row, origin);
  const rowOf = Int32Array.from({ length: rows * length }, (_, i) => Math.floor(i / length));
  const index = hints.derive({ kind: 'gather', columns: [id], index: rowOf });
  const places = Float64Array.from(rowOf, (row, i) => i - row * length);
  const ahead = aheadColumn(context, index, places, tie);
  const wide = pick(context, [most], rowOf);
  const leadColumn = hints.derive({
    kind: 'combine',
    terms: [
      { column: wide.column, coefficient: 1 },
      { column: x.column, coefficient: -1 },
      { column: ahead, coefficient: -1 },
    ],
    constant: 0,
    size: places.length,
  });
  const lead = {
    size: places.length,
    terms: 3,
    column: leadColumn,
    emit(side: Parameters<WireTensor['emit']>[0], i: number, factor: number): void {
      wide.emit(side, i, factor);
      x.emit(side, i, -factor);
      if (tie === 'first') selector.above(side, rowOf[i], places[i], -factor);
      else selector.below(side, rowOf[i], places[i], -factor);
    },
  };
  decompose(context, lead, { widths: leadWidths(range, rows, length), offset: new Float64Array(lead.size), origin });
  return selector.index;
}

/** Honest values of [j comes before the index], or after it with ties to the last. */
function aheadColumn({ hints }: Lowering, index: number, places: Float64Array, tie: QArgMax['tie']): number {
  const sign = tie === 'first' ? 1 : -1;
  const terms = [{ column: index, coefficient: sign }];
  const constant = places.map((j) => -sign * j - 1);
  return hints.derive({
    kind: 'sign',
    column: hints.derive({ kind: 'combine', terms, constant, size: places.length }),
  });
}

function leadWidths({ lo, hi }: Range, rows: number, length: number): Uint8Array {
  const widths = new Uint8Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const first = row * length;
    const most = Math.max(...hi.subarray(first, first + length));
    for (let j = first; j < first + length; j++) widths[j] = bitLength(most - lo[j]);
  }
  return widths;
}

import { orderWidth, reachOf, restWidth, selectionKey } from '../../quant/cost/choice.ts';
import type { QTopK } from '../../quant/qgraph.ts';
import { decompose } from '../gadgets/bits.ts';
import { pickChosen, selectOne } from '../gadgets/one-hot.ts';
import { combine, indicesWhere, known, pick } from '../gadgets/quantity.ts';
import type { Selection } from '../selector.ts';
import { constants, type Quantity } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * The k first elements of each row of n in the order of value, then of lower index. For smallest first, values are
 * negated throughout; below, d = ±x.
 *
 * One selector per rank names an element, whose value becomes a wire. Then
 *
 * - ranks descend strictly: n·(d_p − d_{p+1}) − (i_p − i_{p+1}) − 1 ≥ 0. The pair (value, index) orders all elements
 *   without ties, so that no element is named twice and equal values stand in order of their indices;
 * - nothing is left out: for every j, d_k − d_j − [j < i_k] + (2^w − 1)·[j is named] ≥ 0 in w bits, w such that a named
 *   element passes whatever its value. An unnamed one that belongs among the first k fails. Not needed for k = n.
 *
 * Together they leave one choice of all indices. Values and indices of one selection share its rows. Rows: 2k·n for the
 * selectors, b + log2 n + 1 per neighbouring pair, b + 1 per element.
 */
export const lowerTopK: Lower<'topk'> = (context, node) => {
  const { rows, length, k, result } = node;
  if (length === 1) return result === 'indices' ? constants(new Float64Array(rows * k)) : context.operands[0];
  const key = selectionKey(node);
  const selection = context.selections.get(key) ?? select(context, node);
  context.selections.set(key, selection);
  return result === 'indices' ? selection.index : selection.chosen;
};

function select(context: Lowering, node: QTopK): Selection {
  const { rows, length, k, largest } = node;
  const { hints } = context;
  const [x] = context.operands;
  const origin = context.origin('top-k');
  const order = hints.derive({ kind: 'order', column: x.column, rows, length, k, largest });
  const selector = selectOne(context, order, rows * k, length, origin);
  const chosen = pickChosen(context, selector, x, (i) => Math.floor(i / k), origin);
  const selection = { ...selector, chosen };
  if (k > 1) checkOrder(context, node, selection, origin);
  if (k < length) checkRest(context, node, selection, x, origin);
  return selection;
}

function checkOrder(context: Lowering, node: QTopK, { chosen, index }: Selection, origin: number): void {
  const { rows, length, k, largest } = node;
  const range = rangeOfOperand(context, 0);
  const ranks = indicesWhere(rows * k, (i) => i % k < k - 1);
  const next = ranks.map((i) => i + 1);
  const weight = largest ? length : -length;
  const parts = [
    [pick(context, [chosen], ranks), weight],
    [pick(context, [chosen], next), -weight],
    [pick(context, [index], ranks), -1],
    [pick(context, [index], next), 1],
  ] as const;
  const lead = combine(context, parts, -1);
  const widths = Uint8Array.from(ranks, (i) => orderWidth(reachOf(range, Math.floor(i / k) * length, length), length));
  decompose(context, lead, { widths, offset: new Float64Array(ranks.length), origin });
}

function checkRest(context: Lowering, node: QTopK, selection: Selection, x: Quantity, origin: number): void {
  const { rows, length, k, largest } = node;
  const range = rangeOfOperand(context, 0);
  const rowWidths = Uint8Array.from({ length: rows }, (_, row) => restWidth(reachOf(range, row * length, length)));
  const rowOf = Int32Array.from({ length: rows * length }, (_, i) => Math.floor(i / length));
  const widths = Uint8Array.from(rowOf, (row) => rowWidths[row]);
  const last = pick(
    context,
    [selection.chosen],
    rowOf.map((row) => row * k + k - 1),
  );
  const sign = largest ? 1 : -1;
  const lead: Quantity = {
    size: rowOf.length,
    terms: 2,
    column: leadColumn(context, { last, x, sign, rowOf, widths, index: selection.index.column, length, k }),
    emit(side, i, factor) {
      const [row, j] = [rowOf[i], i - rowOf[i] * length];
      last.emit(side, i, factor * sign);
      x.emit(side, i, -factor * sign);
      selection.above(side, row * k + k - 1, j, -factor);
      for (let p = 0; p < k; p++) selection.at(side, row * k + p, j, factor * (2 ** widths[i] - 1));
    },
  };
  decompose(context, lead, { widths, offset: new Float64Array(rowOf.length), origin });
}

interface LeadOptions {
  readonly last: Quantity;
  readonly x: Quantity;
  readonly sign: 1 | -1;
  readonly rowOf: Int32Array;
  readonly widths: Uint8Array;
  readonly index: number;
  readonly length: number;
  readonly k: number;
}

/** Honest values: with u = d_k − d_j − [j < i_k], an element is named where u < 0, or where it is the last itself. */
function leadColumn(context: Lowering, { last, x, sign, rowOf, widths, index, length, k }: LeadOptions): number {
  const { hints } = context;
  const size = rowOf.length;
  const lastIndex = hints.derive({ kind: 'gather', columns: [index], index: rowOf.map((row) => row * k + k - 1) });
  const place = Float64Array.from(rowOf, (row, i) => i - row * length);
  const from = (constant: Float64Array): number =>
    hints.derive({ kind: 'combine', terms: [{ column: lastIndex, coefficient: 1 }], constant, size });
  const before = hints.derive({ kind: 'sign', column: from(place.map((j) => -j - 1)) });
  const isLast = hints.derive({ kind: 'zero', column: from(place.map((j) => -j + 0)) });
  const difference = hints.derive({
    kind: 'combine',
    terms: [
      { column: last.column, coefficient: sign },
      { column: x.column, coefficient: -sign },
      { column: before, coefficient: -1 },
    ],
    constant: 0,
    size,
  });
  const outside = hints.derive({ kind: 'sign', column: difference });
  const named = hints.derive({
    kind: 'combine',
    terms: [
      { column: outside, coefficient: -1 },
      { column: isLast, coefficient: 1 },
    ],
    constant: 1,
    size,
  });
  const room = known(
    context,
    Float64Array.from(widths, (width) => 2 ** width - 1),
  );
  const raised = hints.derive({ kind: 'product', left: named, right: room.column });
  const terms = [difference, raised].map((column) => ({ column, coefficient: 1 }));
  return hints.derive({ kind: 'combine', terms, constant: 0, size });
}

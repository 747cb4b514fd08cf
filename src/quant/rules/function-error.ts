import type { FunctionNode } from '../../graph/graph.ts';
import { shapeOf, variation } from '../../graph/smooth-shape.ts';
import type { Computed, QuantContext } from '../context.ts';
import type { Table } from '../function-table.ts';
import type { Prepared } from '../saturate.ts';
import { reachOf } from './function-domain.ts';

/** A table in the graph, with its operand. */
export interface Piece {
  readonly id: number;
  readonly table: Table;
  readonly prepared: Prepared;
}

/**
 * Per element: what each table misses over the segments it can meet, what its cuts lose, what requantising its operand
 * loses where the piece is not constant, and how far the operand's own error carries the function.
 */
export function functionErrors(
  context: QuantContext,
  node: FunctionNode,
  x: Computed,
  pieces: readonly Piece[],
): Float64Array {
  const shape = shapeOf(node.fn);
  const { scale } = context.q.node(x.id);
  const roundings = pieces.map(({ table, prepared }) => (table.shift > 0 ? prepared.step / 2 : 0));
  const own = pieces.map((piece) => missedBy(context, piece));
  const reach = reachOf(context, node, x, Math.max(...roundings));
  return x.error.map((e, i) => {
    const [lo, hi] = [reach.lo[i], reach.hi[i]];
    let error = variation(node.fn, shape, lo, hi, e);
    for (const [p, { table }] of pieces.entries()) {
      const { cuts } = table;
      const from = Math.max(lo, (cuts.lo ?? Number.NEGATIVE_INFINITY) * scale);
      const to = cuts.slope === 0 ? Math.min(hi, (cuts.hi ?? Number.POSITIVE_INFINITY) * scale) : hi;
      error += own[p][i] + cuts.error;
      if (from < to) error += variation(node.fn, shape, from, to, roundings[p]);
    }
    return error;
  });
}

function missedBy(context: QuantContext, { table, prepared }: Piece): Float64Array {
  const { bits, lo, fit } = table;
  const range = context.q.range(prepared.id);
  const length = 2 ** (bits - fit.segmentBits);
  const last = fit.errors.length - 1;
  const segmentOf = (q: number): number => Math.min(Math.max(Math.floor((q - lo) / length), 0), last);
  return range.lo.map((least, i) => {
    let most = 0;
    for (let s = segmentOf(least); s <= segmentOf(range.hi[i]); s++) most = Math.max(most, fit.errors[s]);
    return most;
  });
}

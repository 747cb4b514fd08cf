import type { AffineNode, FunctionNode } from '../../graph/graph.ts';
import { shapeOf, variation } from '../../graph/smooth-shape.ts';
import { affineReaders } from '../consumers.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { type Interval, makeTable, type Table } from '../function-table.ts';
import { type Prepared, prepare } from '../saturate.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { computed, enforcedRange, operand } from '../values.ts';
import { extremes, span } from '../width.ts';
import { heaviestRow, weightStep, wideAccumulator } from './affine.ts';
import { reachOf } from './function-domain.ts';

/**
 * A smooth function becomes a table of polynomials over power-of-two segments of its operand. The operand is cut where
 * the function has settled to a constant or a straight line, and requantised where it is finer than the result needs.
 */
export const quantiseFunction: Rule<'function'> = (context, node) => {
  const x = operand(context, 0);
  const { scale } = context.q.node(x.id);
  const { lo, hi } = context.observed(context.id);
  const wanted = targetScale(context, context.id);
  const bounds = operandBounds(context, node, x);
  const magnitude = Math.max(Math.abs(lo), Math.abs(hi)) || 1;
  const { lo: least, hi: most } = reachOf(context, node, x, 0);
  const limits: Interval = [extremes(least)[0], extremes(most)[1]];
  const task = { bounds, scale, limits, wanted, magnitude };
  const readers = affineReaders(context.graph, context.id);
  const fine = readers === undefined ? undefined : makeTable(node, { ...task, rounds: false });
  const rounds = fine === undefined || !canStayFine(context, readers ?? [], fine);
  const table = rounds ? makeTable(node, { ...task, rounds }) : fine;
  if (table === undefined) throw new TooLargeError(node, bounds, scale);
  const prepared = prepare(context, x, node.inputs[0], table.cuts, table.shift);
  return assemble(context, node, table, prepared, rounds, errorsOf(context, node, x, table, prepared));
};

/** Whether the affine maps that read the result take all its bits without growing wide: they save the rounding. */
function canStayFine(context: QuantContext, readers: readonly AffineNode[], { unit, fit, largest }: Table): boolean {
  return readers.every((reader) => {
    const heaviest = heaviestRow(reader, reader.weight) / weightStep(reader, context.precision.weightBits);
    return (largest / unit) * 2 ** fit.shift * heaviest < wideAccumulator;
  });
}

/** The integers the operand can take, narrowed to what the policy enforces. */
function operandBounds(context: QuantContext, node: FunctionNode, x: Computed): Interval {
  const { scale } = context.q.node(x.id);
  const [lo, hi] = span(context.q.range(x.id));
  const enforced = enforcedRange(context, node.inputs[0]);
  if (enforced === undefined) return [lo, hi];
  const [least, most] = [Math.floor(enforced.lo / scale), Math.ceil(enforced.hi / scale)];
  return least <= hi && most >= lo ? [Math.max(lo, least), Math.min(hi, most)] : [lo, hi];
}

/** Per element: the table's own error over the segments it can meet, what the cuts lose, and the operand's error. */
function errorsOf(
  context: QuantContext,
  node: FunctionNode,
  x: Computed,
  { cuts, shift, bits, lo, fit }: Table,
  prepared: Prepared,
): Float64Array {
  const shape = shapeOf(node.fn);
  const rounding = shift > 0 ? prepared.step / 2 : 0;
  const reach = reachOf(context, node, x, rounding);
  const range = context.q.range(prepared.id);
  const length = 2 ** (bits - fit.segmentBits);
  const last = fit.errors.length - 1;
  const segmentOf = (q: number): number => Math.min(Math.max(Math.floor((q - lo) / length), 0), last);
  return x.error.map((e, i) => {
    let own = 0;
    for (let s = segmentOf(range.lo[i]); s <= segmentOf(range.hi[i]); s++) own = Math.max(own, fit.errors[s]);
    return own + cuts.error + variation(node.fn, shape, reach.lo[i], reach.hi[i], e + rounding);
  });
}

/** The table, and beyond an upper cut with a slope the straight line added to it. */
function assemble(
  context: QuantContext,
  node: FunctionNode,
  { cuts, bits, lo, unit, fit }: Table,
  prepared: Prepared,
  rounds: boolean,
  error: Float64Array,
): Computed {
  const { coefficients, segmentBits } = fit;
  const shift = rounds ? fit.shift : 0;
  const scale = unit * 2 ** (shift - fit.shift);
  const { shape } = node;
  const inputs = [prepared.id];
  const { name } = node.fn;
  const table = { kind: 'function' as const, inputs, shape, scale, name, lo, bits, segmentBits, shift, coefficients };
  const slope = cuts.hi === undefined ? 0 : (shapeOf(node.fn).above?.slope ?? 0);
  if (slope === 0) return computed(context, table, error);
  const id = context.q.push(table);
  const factor = Math.round((slope * prepared.step) / scale);
  const summands = [id, prepared.uncut, prepared.id];
  return computed(context, { kind: 'add', inputs: summands, shape, scale, coefficients: [1, factor, -factor] }, error);
}

class TooLargeError extends UnquantisableError {
  constructor(node: FunctionNode, [lo, hi]: Interval, scale: number) {
    super(
      node,
      `${node.fn.name} on [${lo * scale}, ${hi * scale}] needs integers beyond 2^53`,
      'Use less precision, narrower input bounds, or calibrated ranges.',
    );
  }
}

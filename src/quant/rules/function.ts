import type { AffineNode, FunctionNode } from '../../graph/graph.ts';
import { affineReaders } from '../consumers.ts';
import { type Computed, type QuantContext, type Rule, targetScale } from '../context.ts';
import { type Interval, makeTables, type Table, type TableTask } from '../function-table.ts';
import { type Prepared, prepare } from '../saturate.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { computed, enforcedRange, operand } from '../values.ts';
import { extremes, span } from '../width.ts';
import { heaviestRow, weightStep, wideAccumulator } from './affine.ts';
import { reachOf } from './function-domain.ts';
import { functionErrors, type Piece } from './function-error.ts';

/** A table that misses by more than this share of the values it was made for is refused. */
const coarsestShare = 2 ** -5;

/**
 * A smooth function becomes a table of polynomials over power-of-two segments of its operand. The operand is cut where
 * the function has settled to a constant or a straight line, and requantised where it is finer than the result needs;
 * a function too steep for one table becomes a sum of several.
 */
export const quantiseFunction: Rule<'function'> = (context, node) => {
  const x = operand(context, 0);
  const task = taskFor(context, node, x);
  const readers = affineReaders(context.graph, context.id);
  const fine = readers === undefined ? [] : makeTables(node, { ...task, rounds: false });
  const rounds = fine.length !== 1 || !canStayFine(context, readers ?? [], fine[0]);
  const tables = rounds ? makeTables(node, task) : fine;
  checkTables(node, task, tables);
  const pieces = tables.map((table): Piece => {
    const prepared = prepare(context, x, node.inputs[0], table.cuts, table.shift);
    return { id: pushTable(context, node, table, prepared, rounds), table, prepared };
  });
  const error = functionErrors(context, node, x, pieces);
  const inputs = pieces.map(({ id }) => id);
  if (inputs.length === 1) return { id: inputs[0], zero: 0, error };
  const coefficients = inputs.map(() => 1);
  return computed(context, { kind: 'add', inputs, shape: node.shape, scale: tables[0].unit, coefficients }, error);
};

function taskFor(context: QuantContext, node: FunctionNode, x: Computed): TableTask {
  const { scale } = context.q.node(x.id);
  const { lo, hi } = context.observed(context.id);
  const reach = reachOf(context, node, x, 0);
  return {
    bounds: operandBounds(context, node, x),
    scale,
    limits: [extremes(reach.lo)[0], extremes(reach.hi)[1]],
    wanted: targetScale(context, context.id),
    magnitude: Math.max(Math.abs(lo), Math.abs(hi)) || 1,
    rounds: true,
  };
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

/** Whether the affine maps that read the result take all its bits without growing wide: they save the rounding. */
function canStayFine(context: QuantContext, readers: readonly AffineNode[], { unit, fit, largest }: Table): boolean {
  return readers.every((reader) => {
    const heaviest = heaviestRow(reader, reader.weight) / weightStep(reader, context.precision.weightBits);
    return (largest / unit) * 2 ** fit.shift * heaviest < wideAccumulator;
  });
}

function checkTables(node: FunctionNode, { bounds, scale, magnitude }: TableTask, tables: readonly Table[]): void {
  const [lo, hi] = bounds.map((q) => q * scale);
  if (tables.length === 0) throw new TableError(node, lo, hi, 'needs integers beyond 2^53');
  const missed = tables.reduce((sum, { fit, unit }) => sum + (fit.badness * unit) / 2, 0);
  if (missed > magnitude * coarsestShare) throw new TableError(node, lo, hi, `is too steep: off by ${missed}`);
}

/** The table, and beyond an upper cut with a slope the straight line added to it. */
function pushTable(
  context: QuantContext,
  { shape, fn }: FunctionNode,
  { cuts, bits, lo, unit, fit }: Table,
  prepared: Prepared,
  rounds: boolean,
): number {
  const { coefficients, segmentBits } = fit;
  const shift = rounds ? fit.shift : 0;
  const scale = unit * 2 ** (shift - fit.shift);
  const inputs = [prepared.id];
  const { name } = fn;
  const id = context.q.push({
    kind: 'function',
    inputs,
    shape,
    scale,
    name,
    lo,
    bits,
    segmentBits,
    shift,
    coefficients,
  });
  if (cuts.slope === 0) return id;
  const factor = Math.round((cuts.slope * prepared.step) / scale);
  const summands = [id, prepared.uncut, prepared.id];
  return context.q.push({ kind: 'add', inputs: summands, shape, scale, coefficients: [1, factor, -factor] });
}

class TableError extends UnquantisableError {
  constructor(node: FunctionNode, lo: number, hi: number, reason: string) {
    super(
      node,
      `a table of ${node.fn.name} on [${lo}, ${hi}] ${reason}`,
      'Use less precision, narrower input bounds, or calibrated ranges.',
    );
  }
}

import type { DivideNode } from '../../graph/graph.ts';
import { align } from '../align.ts';
import { type Computed, isPending, type Pending, type QuantContext, type Rule, targetScale } from '../context.ts';
import { truthOf } from '../truth.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { coarsen, computed, materialise, operand, widthOf } from '../values.ts';
import { extremes, span } from '../width.ts';
import { roundingError } from './round.ts';

/** Operands wider than this are requantised first. */
const operandWidth = 44;
/** Integers on the way to a quotient stay below this width. */
const dividendWidth = 51;

/**
 * Real quotients are rounded to nearest at about the scale the result needs, which the factor on the dividend sets;
 * whole ones are exact for operands at one scale. The divisor must be bounded away from 0.
 */
export const quantiseDivide: Rule<'divide'> = (context, node) =>
  node.mode === 'real' ? realQuotient(context, node) : wholeQuotient(context, node, node.mode);

function realQuotient(context: QuantContext, node: DivideNode): Computed {
  const wanted = targetScale(context, context.id);
  const divisor = aboveZero(context, trimmedDivisor(context, operand(context, 1), node.inputs[1]));
  const numerator = context.operands[0];
  if (isPending(numerator)) return constantQuotient(context, node, numerator, divisor, wanted);
  const dividend = coarsenTo(context, operand(context, 0), node.inputs[0], operandWidth);
  const [x, y] = oriented(context, dividend, divisor);
  const unit = context.q.node(x.id).scale / context.q.node(y.id).scale;
  const room = dividendWidth - widthOf(context, x.id);
  const exponent = Math.min(Math.max(0, Math.round(Math.log2(unit / wanted))), room);
  const factor = 2 ** exponent;
  const scale = unit / factor;
  const error = quotientErrors(context, x, y).map((e) => e + scale / 2);
  const { shape } = node;
  return computed(context, { kind: 'divide', inputs: [x.id, y.id], shape, scale, mode: 'nearest', factor }, error);
}

/** The scale of a constant dividend is free: it is chosen such that the quotient's is a power of two. */
function constantQuotient(
  context: QuantContext,
  node: DivideNode,
  numerator: Pending,
  divisor: Computed,
  wanted: number,
): Computed {
  const unit = context.q.node(divisor.id).scale;
  const largest = numerator.constant.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const exponent = Math.max(Math.log2(wanted), Math.log2(largest / unit) - dividendWidth + 1);
  const scale = 2 ** Math.round(exponent);
  const [x, y] = oriented(context, materialise(context, numerator, node.shape, scale * unit), divisor);
  const error = quotientErrors(context, x, y).map((e) => e + scale / 2);
  const { shape } = node;
  return computed(context, { kind: 'divide', inputs: [x.id, y.id], shape, scale, mode: 'nearest', factor: 1 }, error);
}

function wholeQuotient(context: QuantContext, node: DivideNode, mode: 'floor' | 'trunc'): Computed {
  const { values } = align(context);
  const [x, y] = oriented(context, values[0], values[1]);
  const [xs, ys] = [context.q.range(x.id), context.q.range(y.id)];
  const error = quotientErrors(context, x, y).map((e, i) => {
    const least = Math.min(xs.lo[i] / ys.lo[i], xs.lo[i] / ys.hi[i]);
    const most = Math.max(xs.hi[i] / ys.lo[i], xs.hi[i] / ys.hi[i]);
    return roundingError(mode, least, most, e);
  });
  const { shape } = node;
  return computed(context, { kind: 'divide', inputs: [x.id, y.id], shape, scale: 1, mode, factor: 1 }, error);
}

function coarsenTo(context: QuantContext, value: Computed, source: number, width: number): Computed {
  const excess = Math.max(0, widthOf(context, value.id) - width);
  return coarsen(context, value, source, context.q.node(value.id).scale * 2 ** excess);
}

/** A divisor keeps the result's precision at its smallest; bits beyond that are dropped when they are many. */
function trimmedDivisor(context: QuantContext, value: Computed, source: number): Computed {
  const { lo, hi } = context.q.range(value.id);
  const smallest = extremes(lo.map((l, i) => Math.max(l, -hi[i], 1)))[0];
  const width = widthOf(context, value.id);
  const excess = Math.floor(Math.log2(smallest)) - context.activationBits(context.id) - 2;
  const worthwhile = excess > width / 2 || width > operandWidth;
  return worthwhile && excess > 0 ? coarsenTo(context, value, source, width - excess) : value;
}

/** A divisor that is positive, but not as far as its integers show, is taken to be one unit at least. */
function aboveZero(context: QuantContext, y: Computed): Computed {
  const [least, most] = span(context.q.range(y.id));
  const { scale, shape } = context.q.node(y.id);
  const truth = truthOf(context.graph, context.graph.nodes[context.id].inputs[1]);
  if (least > 0 || most < 1 || !(truth.lo > 0)) return y;
  const node = { kind: 'clip' as const, inputs: [y.id], shape, scale, lo: 1, hi: most };
  return computed(
    context,
    node,
    y.error.map((e) => Math.max(e, scale)),
  );
}

/** Both operands negated where the divisor is negative, so that it is positive everywhere. */
function oriented(context: QuantContext, x: Computed, y: Computed): readonly [Computed, Computed] {
  const { lo, hi } = context.q.range(y.id);
  const { scale } = context.q.node(y.id);
  const truth = truthOf(context.graph, context.graph.nodes[context.id].inputs[1]);
  const signs = y.error.map((e, i) => {
    if (lo[i] > 0 && Math.max(lo[i] * scale - e, truth.lo) > 0) return 1;
    if (hi[i] < 0 && Math.min(hi[i] * scale + e, truth.hi) < 0) return -1;
    throw new ZeroDivisorError(context, i, lo[i] * scale - e, hi[i] * scale + e);
  });
  if (signs.every((sign) => sign === 1)) return [x, y];
  return [signed(context, x, signs), signed(context, y, signs)];
}

function signed(context: QuantContext, value: Computed, signs: Float64Array): Computed {
  const { shape, scale } = context.q.node(value.id);
  const size = signs.length;
  const diagonal = { groups: size, outs: 1, positions: 1, depth: 1, gather: Int32Array.from(signs.keys()) };
  const bias = new Float64Array(size);
  const node = { kind: 'affine' as const, inputs: [value.id], shape, scale, ...diagonal, weight: signs, bias };
  return computed(context, node, value.error);
}

/** |x/y − x'/y'| ≤ (err(x) + |x'/y'|·err(y)) / |y| for a positive y', and a y that is at least `truth` from zero. */
function quotientErrors(context: QuantContext, x: Computed, y: Computed): Float64Array {
  const { lo: above, hi: below } = truthOf(context.graph, context.graph.nodes[context.id].inputs[1]);
  const distance = Math.max(above, -below, 0);
  const [xs, ys] = [context.q.range(x.id), context.q.range(y.id)];
  const [xScale, yScale] = [context.q.node(x.id).scale, context.q.node(y.id).scale];
  return x.error.map((e, i) => {
    const least = ys.lo[i] * yScale;
    const quotient = (Math.max(Math.abs(xs.lo[i]), Math.abs(xs.hi[i])) * xScale) / least;
    return (e + quotient * y.error[i]) / Math.max(least - y.error[i], distance);
  });
}

export class ZeroDivisorError extends UnquantisableError {
  constructor(context: QuantContext, index: number, least: number, most: number) {
    super(
      context.graph.nodes[context.id],
      `its divisor can be 0: element ${index} lies in [${least}, ${most}]`,
      'Declare input bounds that keep the divisor away from 0, or add a positive constant to it before dividing.',
    );
  }
}

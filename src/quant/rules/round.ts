import type { RoundNode } from '../../graph/graph.ts';
import { roundEven } from '../../graph/kernels/elementwise.ts';
import type { Computed, QuantContext, Rule } from '../context.ts';
import { coarsen, computed, operand, widthOf } from '../values.ts';

/** Operands are requantised until their product with the multiplier below has at most this many bits. */
const productWidth = 51;
/** Values are snapped to a binary grid this many bits finer than their own. */
const snapBits = 3;
/** A grid at least this fine, however coarse the values are. */
const leastFraction = 5;

const rounders = { floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, even: roundEven };

/**
 * Rounding to integers needs a scale of 2^-k. Any other scale is approximated by an integer multiplier, and the product
 * snapped to a binary grid finer than the operand's, so that the integers and halves of a decimal grid are met exactly.
 * Only values within the error bound (the snap included) of a boundary can come out differently.
 */
export const quantiseRound: Rule<'round'> = (context, node) => {
  const x = operand(context, 0);
  const { scale } = context.q.node(x.id);
  if (Number.isInteger(scale)) return { ...x, error: x.error.map((e) => integerError(node.mode, e)) };
  const binary = Number.isInteger(Math.log2(scale)) ? x : snap(context, x, node.inputs[0]);
  const shift = -Math.log2(context.q.node(binary.id).scale);
  const error = roundingErrors(context, node.mode, binary);
  const { shape, mode } = node;
  return computed(context, { kind: 'round', inputs: [binary.id], shape, scale: 1, mode, shift }, error);
};

/** The operand at the scale 2^-fraction. */
function snap(context: QuantContext, operand: Computed, source: number): Computed {
  const fine = context.q.node(operand.id).scale;
  const width = widthOf(context, operand.id);
  let excess = 0;
  while (bitsOf(width - excess, fine * 2 ** excess) > productWidth) excess++;
  const x = coarsen(context, operand, source, fine * 2 ** excess);
  const { scale, shape } = context.q.node(x.id);
  const { lo, hi } = context.q.range(x.id);
  const fraction = fractionOf(scale);
  const shift = widthOf(context, x.id);
  const unit = 2 ** -(fraction + shift);
  const multiplier = Math.round(scale / unit);
  const drift = Math.abs(scale - multiplier * unit);
  const error = x.error.map((e, i) => e + drift * Math.max(Math.abs(lo[i]), Math.abs(hi[i])) + 2 ** -(fraction + 1));
  const product = { kind: 'add' as const, inputs: [x.id], shape, scale: unit, coefficients: [multiplier] };
  const inputs = [context.q.push(product)];
  const grid = { kind: 'rescale' as const, inputs, shape, scale: 2 ** -fraction, shift, relu: false, width: null };
  return computed(context, grid, error);
}

const fractionOf = (scale: number): number => Math.max(leastFraction, snapBits + Math.ceil(-Math.log2(scale)));

/** Width of the product of an operand with its multiplier: the multiplier is as precise as the operand is wide. */
const bitsOf = (width: number, scale: number): number => 2 * width + fractionOf(scale) + Math.ceil(Math.log2(scale));

function roundingErrors(context: QuantContext, mode: RoundNode['mode'], x: Computed): Float64Array {
  const { lo, hi } = context.q.range(x.id);
  const { scale } = context.q.node(x.id);
  return x.error.map((e, i) => roundingError(mode, lo[i] * scale, hi[i] * scale, e));
}

/**
 * How far apart two values at most `error` apart can be rounded when one of them lies in [least, most]: there are at
 * most ⌊error⌋ + 1 boundaries between them, and only those in reach.
 */
export function roundingError(mode: RoundNode['mode'], least: number, most: number, error: number): number {
  if (error === 0) return 0;
  const rounder = rounders[mode];
  return Math.min(rounder(most + error) - rounder(least - error), Math.floor(error) + 1);
}

/** The operand's integers are already integral: an exact value stays, another is at most this far from its rounding. */
function integerError(mode: RoundNode['mode'], error: number): number {
  return mode === 'even' ? Math.floor(error + 0.5) : Math.ceil(error);
}

import { InternalError } from '../../errors.ts';
import type { AffineNode } from '../../graph/graph.ts';
import { applyAffine } from '../../graph/kernels/affine.ts';
import { isReal } from '../../tensor/dtype.ts';
import { type Computed, isPending, type QuantContext, type Rule, targetScale } from '../context.ts';
import { coarsen, computed, magnitudes, plain, widthOf } from '../values.ts';
import { span } from '../width.ts';
import { mapOfColumns } from './map-of-columns.ts';

/** Accumulators stay this far below 2^53, so that alignments and roundings after them are exact too. */
const accumulatorLimit = 2 ** 46;
/** Plain sums are followed by no constants of a finer scale. */
const sumLimit = 2 ** 51;
/** From this on an accumulator is wide enough for its input to be requantised, if that is finer than it needs to be. */
export const wideAccumulator = 2 ** 40;
/** An input that is requantised keeps this many bits below its own precision. */
const spareBits = 1;
/** An input this much finer than its precision is worth requantising. */
const excessBits = 4;

/**
 * Integer types are computed as they are. Real weights are rounded to integer multiples of one step; the accumulator's
 * scale is step × input scale and its bias is rounded there. Nothing is lost in the sum itself.
 */
export const quantiseAffine: Rule<'affine'> = (context, given) => {
  const operand = context.operands[0];
  if (isPending(operand)) throw new InternalError('an affine map of a constant was not folded');
  const { node, x: value, heaviest } = mapOfColumns(given, operand, context.q.node(operand.id));
  const exact = !isReal(node.dtype);
  const step = exact ? 1 : weightStep(node, context.weightBits(context.id), heaviest);
  const weight = node.weight.map((w) => Math.round(w / step) + 0);
  // A step that is too fine for a wide column may be all that a narrow one has.
  const x = exact || heaviest !== undefined ? value : fitInput(context, value, node, weight);
  const scale = step * context.q.node(x.id).scale;
  const bias = node.bias.length === 0 ? node.bias : biasAt(node, weight, x.zero * step, scale);
  const quantised = {
    kind: 'affine' as const,
    inputs: [x.id],
    shape: node.shape,
    scale,
    groups: node.groups,
    outs: node.outs,
    positions: node.positions,
    depth: node.depth,
    gather: node.gather,
    weight,
    bias,
  };
  return computed(context, quantised, affineError(context, node, x, weight, step, bias, scale));
};

/** Equal magnitudes (sums, means, masks) and small integers are exact; others keep `bits` bits below the `heaviest`. */
export function weightStep(node: Pick<AffineNode, 'weight'>, bits: number, heaviest?: number): number {
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let integral = true;
  for (const w of node.weight) {
    const magnitude = Math.abs(w);
    if (magnitude > largest) largest = magnitude;
    if (magnitude > 0 && magnitude < smallest) smallest = magnitude;
    if (!Number.isInteger(w)) integral = false;
  }
  if (largest === 0) return 1;
  if (largest === smallest) return largest;
  if (integral && largest < 2 ** (bits + 4)) return 1;
  return 2 ** (Math.ceil(Math.log2(heaviest ?? largest)) - bits);
}

/** Requantises the input when the accumulator would leave the exact range. */
function fitInput(context: QuantContext, value: Computed, node: AffineNode, weight: Float64Array): Computed {
  const heaviest = heaviestRow(node, weight);
  const [lo, hi] = span(context.q.range(value.id));
  const reach = Math.max(Math.abs(lo), Math.abs(hi));
  const source = context.graph.nodes[context.id].inputs[0];
  const { scale } = context.q.node(value.id);
  const accumulator = reach * heaviest;
  const limit = heaviest === node.depth ? sumLimit : accumulatorLimit;
  const least = Math.max(0, Math.ceil(Math.log2(accumulator / limit)));
  const useful = Math.floor(Math.log2(targetScale(context, source) / scale)) - spareBits;
  const worthwhile = useful >= excessBits && (accumulator > wideAccumulator || pays(context, node, value, useful));
  const excess = Math.max(least, (least > 0 || worthwhile) && isWanted(node) ? useful : 0);
  return excess <= 0 ? value : coarsen(context, plain(context, value), source, scale * 2 ** excess);
}

/** The most that a unit of every input adds up to, at least 1. */
export function heaviestRow({ depth }: Pick<AffineNode, 'depth'>, weight: Float64Array): number {
  let heaviest = 1;
  for (let row = 0; row < weight.length; row += depth) {
    let sum = 0;
    for (let k = row; k < row + depth; k++) sum += Math.abs(weight[k]);
    heaviest = Math.max(heaviest, sum);
  }
  return heaviest;
}

/** Sums and means keep what they are given. */
const isWanted = (node: AffineNode): boolean => node.weight.some((w) => w !== node.weight[0]);

/** Whether one decomposition of every input saves more bits in those of the outputs. */
function pays(context: QuantContext, node: AffineNode, value: Computed, bits: number): boolean {
  const outputs = node.groups * node.outs * node.positions;
  return bits * outputs > (widthOf(context, value.id) + 1) * value.error.length;
}

/** round((bias + zero·step·Σ weight) / scale); padding reads a true zero, so an input's zero point is per position. */
function biasAt(node: AffineNode, weight: Float64Array, zeroStep: number, scale: number): Float64Array {
  if (zeroStep === 0) return node.bias.map((v) => Math.round(v / scale) + 0);
  const ones = new Float64Array(node.gather.reduce((most, source) => Math.max(most, source), 0) + 1).fill(zeroStep);
  return applyAffine({ ...node, weight }, ones).map((v) => Math.round(v / scale) + 0);
}

/** |Ŵ|·err(x) + |W − Ŵ|·|x| + rounding of the bias. */
function affineError(
  context: QuantContext,
  node: AffineNode,
  x: Computed,
  weight: Float64Array,
  step: number,
  bias: Float64Array,
  scale: number,
): Float64Array {
  const none = new Float64Array(node.groups * node.outs);
  const carried = applyAffine({ ...node, weight: weight.map((w) => Math.abs(w) * step), bias: none }, x.error);
  const lost = node.weight.map((w, i) => Math.abs(w - weight[i] * step));
  const rounded = lost.some((w) => w > 0)
    ? applyAffine({ ...node, weight: lost, bias: none }, magnitudes(context, x))
    : undefined;
  const perChannel = bias.length !== carried.length;
  return carried.map((e, i) => {
    const c = perChannel ? Math.floor(i / node.positions) : i;
    const exactBias = node.bias.length === bias.length && x.zero === 0;
    const biasError = exactBias ? Math.abs(node.bias[c] - bias[c] * scale) : scale / 2;
    return e + (rounded?.[i] ?? 0) + biasError;
  });
}

import { isReal } from '../tensor/dtype.ts';
import { type Computed, isPending, type QuantContext, type Quantised, targetScale } from './context.ts';
import { coarsen, computed, materialise, plain, widthOf } from './values.ts';

/** Values brought to one scale. */
export interface Aligned {
  readonly values: readonly Computed[];
  readonly scale: number;
}

/** The largest factor the finest operand is multiplied by where scales have no common unit. */
const finestFactor = 2 ** 10;
/** Operands aligned to constants are no wider than this, which leaves bits for those to refine the scale. */
const alignedWidth = 42;
/** Operands aligned to each other only: their sum is still exact. */
const summedWidth = 49;
/** A summand that must be requantised keeps this many bits below what the sum needs. */
const summandBits = 4;
/** Constants may refine it up to this width, so that sums are still exact. */
const refinedWidth = 50;
/** Constants keep this many bits below the common scale when nobody says otherwise. */
const constantBits = 8;

/**
 * Brings the operands of the current node (or those at `positions`) to a common scale with integer factors, which are
 * free. Scales that are multiples of the finest align exactly; others by the smallest factors that agree within the
 * node's precision. Constants take the common scale, refined to `wanted` when that is finer. Real operands that would
 * become too wide are requantised first: to what a sum needs where `gains` says that they are added up, times those.
 */
export function align(
  context: QuantContext,
  wanted?: number,
  positions: readonly number[] = context.operands.map((_, i) => i),
  gains?: readonly number[],
): Aligned {
  const { nodes } = context.graph;
  const { inputs } = nodes[context.id];
  const operands = positions.map((i): Operand => {
    const value = context.operands[i];
    const useful = gains === undefined ? 0 : targetScale(context, context.id) / (2 ** summandBits * Math.abs(gains[i]));
    const gain = Math.abs(gains?.[i] ?? 1);
    return { value: isPending(value) ? value : plain(context, value), source: inputs[i], gain, useful };
  });
  const narrowed = narrow(context, operands);
  const common = commonScale(context, scalesOf(context, narrowed));
  const room = refinedWidth - widthAt(context, narrowed, common);
  const limit = Math.max(wanted ?? common * 2 ** -constantBits, common * 2 ** -room);
  const constants = narrowed.flatMap(({ value }) => (isPending(value) ? [value.constant] : []));
  const scale = constants.reduce((finest, constant) => refine(constant, finest, limit), common);
  const values = narrowed.map(({ value, source }) =>
    isPending(value) ? materialise(context, value, nodes[source].shape, scale) : rescaleExactly(context, value, scale),
  );
  return { values, scale };
}

interface Operand {
  readonly value: Quantised;
  /** Its float node. */
  readonly source: number;
  /** What it is multiplied by later. */
  readonly gain: number;
  /** Its precision is not needed below this scale. */
  readonly useful: number;
}

function scalesOf(context: QuantContext, operands: readonly Operand[]): number[] {
  return operands.flatMap(({ value }) => (isPending(value) ? [] : [context.q.node(value.id).scale]));
}

/** The coarsest unit of which all scales are multiples, up to the precision of the node; 1 where all is constant. */
function commonScale(context: QuantContext, scales: readonly number[]): number {
  if (scales.length === 0) return 1;
  const finest = Math.min(...scales);
  const tolerance = 2 ** -(context.activationBits(context.id) + 3);
  let best = finest;
  let least = Number.POSITIVE_INFINITY;
  for (let factor = 1; factor <= finestFactor && least > tolerance; factor++) {
    const unit = finest / factor;
    const mismatch = scales.reduce((worst, scale) => {
      const multiple = scale / unit;
      return Math.max(worst, Math.abs(multiple - Math.round(multiple)) / multiple);
    }, 0);
    if (mismatch < least) [best, least] = [unit, mismatch];
  }
  return best;
}

/** Requantises the finest real operands until all fit at the common scale. */
function narrow(context: QuantContext, operands: readonly Operand[]): readonly Operand[] {
  const scales = scalesOf(context, operands);
  const common = commonScale(context, scales);
  const finest = Math.min(...scales);
  const width = widthAt(context, operands, common);
  const limit = operands.some(({ value }) => isPending(value)) ? alignedWidth : summedWidth;
  if (width <= limit) return operands;
  const next = operands.map((operand) => {
    const { value, source, useful } = operand;
    const isFinest = !isPending(value) && context.q.node(value.id).scale === finest;
    if (!isFinest || !isReal(context.graph.nodes[source].dtype)) return operand;
    const coarser = Math.max(finest * 2 ** Math.ceil(width - limit), useful);
    return { ...operand, value: coarsen(context, value, source, coarser) };
  });
  return next.some(({ value }, i) => value !== operands[i].value) ? narrow(context, next) : operands;
}

/** Signed bits of the widest computed operand at a scale, with what it is multiplied by. */
function widthAt(context: QuantContext, operands: readonly Operand[], scale: number): number {
  return operands.reduce((widest, { value, gain }) => {
    if (isPending(value)) return widest;
    const factor = (gain * context.q.node(value.id).scale) / scale;
    return Math.max(widest, widthOf(context, value.id) + Math.log2(Math.max(factor, Number.MIN_VALUE)));
  }, 1);
}

/** Halves the scale until a constant is exact, or while its next half is neither below `limit` nor too wide. */
function refine(constant: Float64Array, scale: number, limit: number): number {
  const isExact = (s: number): boolean => constant.every((v) => Math.abs(v / s - Math.round(v / s)) < 1e-9);
  const finest = constant.reduce((most, v) => Math.max(most, Math.abs(v)), 0) * 2 ** -refinedWidth;
  let refined = scale;
  while (refined > Math.max(limit, finest) && !isExact(refined)) refined /= 2;
  return refined;
}

function rescaleExactly(context: QuantContext, value: Computed, scale: number): Computed {
  const node = context.q.node(value.id);
  if (node.scale === scale) return value;
  const factor = Math.round(node.scale / scale);
  const relative = Math.abs(node.scale - factor * scale);
  const { lo, hi } = context.q.range(value.id);
  const error = value.error.map((e, i) => e + relative * Math.max(Math.abs(lo[i]), Math.abs(hi[i])));
  const { shape } = node;
  return computed(context, { kind: 'add', inputs: [value.id], shape, scale, coefficients: [factor] }, error);
}

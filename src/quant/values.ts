import { InternalError } from '../errors.ts';
import { isReal } from '../tensor/dtype.ts';
import type { NewQNode } from './builder.ts';
import { type Computed, isPending, type Pending, type QuantContext } from './context.ts';
import type { Observed } from './precision.ts';
import { UnquantisableError } from './unquantisable.ts';
import { halfOf, rescaleWidth, span } from './width.ts';

/** Largest |real value| of each element of the float tensor this value stands for. */
export function magnitudes(context: QuantContext, value: Computed): Float64Array {
  const { lo, hi } = context.q.range(value.id);
  const { scale } = context.q.node(value.id);
  return value.error.map(
    (e, i) => Math.max(Math.abs(lo[i] * scale + value.zero), Math.abs(hi[i] * scale + value.zero)) + e,
  );
}

/** A computed node with its error bound. */
export function computed(context: QuantContext, node: NewQNode, error: Float64Array): Computed {
  return { id: context.q.push(node), zero: 0, error };
}

/** Gives a constant a scale. Its error is what the rounding loses. */
export function materialise(context: QuantContext, value: Pending, shape: readonly number[], scale: number): Computed {
  const infinite = value.constant.find((v) => !Number.isFinite(v));
  if (infinite !== undefined) {
    const fix = 'Replace infinities and NaN by finite numbers before export.';
    throw new UnquantisableError(context.graph.nodes[context.id], `a constant it needs holds ${infinite}`, fix);
  }
  const data = value.constant.map((v) => Math.round(v / scale) + 0);
  const error = value.constant.map((v, i) => Math.abs(v - data[i] * scale));
  return computed(context, { kind: 'const', inputs: [], shape, scale, data }, error);
}

/** Signed bits of the widest element. */
export function widthOf(context: QuantContext, id: number): number {
  const [lo, hi] = span(context.q.range(id));
  return rescaleWidth(lo, hi, 0);
}

/** Folds an input's zero point into the integers, at a finer scale so that little is lost. */
export function plain(context: QuantContext, value: Computed): Computed {
  if (value.zero === 0) return value;
  const node = context.q.node(value.id);
  const finer = 2 ** 6;
  const scale = node.scale / finer;
  const offset = Math.round(value.zero / scale);
  const rest = Math.abs(value.zero - offset * scale);
  const size = value.error.length;
  const constant = context.q.push({
    kind: 'const',
    inputs: [],
    shape: node.shape,
    scale,
    data: new Float64Array(size).fill(offset),
  });
  const id = context.q.push({
    kind: 'add',
    inputs: [value.id, constant],
    shape: node.shape,
    scale,
    coefficients: [finer, 1],
  });
  return { id, zero: 0, error: value.error.map((e) => e + rest) };
}

/** The operand as a computed value; a real constant gets `scale`. */
export function operand(context: QuantContext, index: number, scale?: number): Computed {
  const value = context.operands[index];
  if (value === undefined) throw new InternalError(`operand ${index} of node ${context.id} is missing`);
  if (!isPending(value)) return plain(context, value);
  const node = context.graph.nodes[context.graph.nodes[context.id].inputs[index]];
  return materialise(
    context,
    value,
    node.shape,
    isReal(node.dtype) ? (scale ?? constantScale(value.constant, context.precision.weightBits + 8)) : 1,
  );
}

/** A scale at which a constant keeps `bits` significant bits; 1 when it is integral and small enough. */
export function constantScale(constant: Float64Array, bits: number): number {
  let magnitude = 0;
  let integral = true;
  for (const v of constant) {
    magnitude = Math.max(magnitude, Math.abs(v));
    if (!Number.isInteger(v)) integral = false;
  }
  if (magnitude === 0 || (integral && magnitude < 2 ** 20)) return 1;
  return 2 ** (Math.ceil(Math.log2(magnitude)) - bits);
}

/** How the width of a requantised value is enforced under the policy in force; null means: from its proved bounds. */
export function enforcedWidth(
  context: QuantContext,
  id: number,
  scale: number,
  shift: number,
  offset = 0,
): number | null {
  const observed = enforcedRange(context, id);
  if (observed === undefined) return null;
  return rescaleWidth(Math.floor(observed.lo / scale) + offset, Math.ceil(observed.hi / scale) + offset, shift);
}

/** The range that the policy enforces on a float value, whatever its bounds prove; none in the worst case. */
export function enforcedRange({ policy, observed }: QuantContext, id: number): Observed | undefined {
  if (policy.name === 'worst-case') return undefined;
  const { lo, hi } = observed(id);
  return { lo: Math.min(lo, lo * policy.margin), hi: Math.max(hi, hi * policy.margin) };
}

/**
 * Requantises a value to about `scale` (a power of two coarser than its own), or returns it unchanged when it is not
 * finer than that. A tensor too small for the new scale is zero there. `source` is the float node whose observed range
 * bounds it.
 */
export function coarsen(context: QuantContext, value: Computed, source: number, scale: number): Computed {
  const node = context.q.node(value.id);
  const shift = Math.round(Math.log2(scale / node.scale));
  if (shift <= 0) return value;
  const spread = spreadFrom(context, value.id);
  if (spread !== undefined) {
    const before = coarsen(context, { id: spread.inputs[0], zero: 0, error: spread.error }, source, scale);
    const coarse = context.q.node(before.id).scale;
    const error = value.error.map((e) => e + coarse / 2);
    return computed(context, { ...spread.map, inputs: [before.id], scale: coarse }, error);
  }
  const key = `${value.id}:${shift}`;
  const known = context.trimmed.get(key);
  if (known !== undefined) return known;
  const { shape } = node;
  const coarse = node.scale * 2 ** shift;
  const error = value.error.map((e) => e + coarse / 2);
  const [lo, hi] = span(context.q.range(value.id));
  const vanishes = Math.max(-lo, hi) < halfOf(shift);
  const width = narrower(context, value.id, enforcedWidth(context, source, node.scale, shift), shift);
  const rest: NewQNode = vanishes
    ? { kind: 'const', inputs: [], shape, scale: coarse, data: new Float64Array(error.length) }
    : { kind: 'rescale', inputs: [value.id], shape, scale: coarse, shift, relu: false, width };
  const result = computed(context, rest, error);
  context.trimmed.set(key, result);
  return result;
}

/** A map that repeats the elements of a smaller tensor: what is done to its operand is done once for all copies. */
function spreadFrom(context: QuantContext, id: number) {
  const map = context.q.node(id);
  if (map.kind !== 'map' || map.inputs.length !== 1 || map.fill !== 0) return undefined;
  const size = context.q.range(map.inputs[0]).lo.length;
  if (size >= map.source.length) return undefined;
  return { map, inputs: map.inputs, error: new Float64Array(size) };
}

/** An enforced width only where it is narrower than what the bounds prove anyway. */
export function narrower(context: QuantContext, id: number, width: number | null, shift: number): number | null {
  if (width === null) return null;
  const [lo, hi] = span(context.q.range(id));
  return width < rescaleWidth(lo, hi, shift) ? width : null;
}

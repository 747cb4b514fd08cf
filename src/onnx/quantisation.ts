import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { add, clip, multiply, retype, scale, subtract } from '../graph/compose/arithmetic.ts';
import { constant, move } from '../graph/compose/movement.ts';
import { type DType, integerRange } from '../tensor/dtype.ts';
import { normaliseAxis, type Shape, sameShape, sizeOf } from '../tensor/shape.ts';
import { constantInput, input, type OpContext, optional } from './op.ts';
import { UnsupportedError } from './unsupported.ts';

/** Parameters of a quantised tensor: element i has the scale and zero point number index[i]. */
export interface Quantisation {
  readonly scale: Float64Array;
  readonly zero: Float64Array;
  readonly index: Int32Array;
}

/** Which parameter each element of a tensor has: one for all, one per index along an axis, or one per block of it. */
export function parameterIndex(shape: Shape, parameters: Shape, axis: number, block: number): Int32Array {
  const size = sizeOf(shape);
  const index = new Int32Array(size);
  if (sizeOf(parameters) === 1) return index;
  const along = normaliseAxis(axis, shape.length);
  const inner = sizeOf(shape.slice(along + 1));
  const length = shape[along];
  if (parameters.length === 1 && parameters[0] === length && block === 0) {
    for (let i = 0; i < size; i++) index[i] = Math.floor(i / inner) % length;
    return index;
  }
  const blocks = parameters[along] ?? 0;
  const width = block > 0 ? block : Math.ceil(length / Math.max(blocks, 1));
  const expected = shape.map((dim, i) => (i === along ? Math.ceil(dim / width) : dim));
  if (!sameShape(expected, parameters)) {
    const message = `parameters [${parameters}] do not fit a tensor [${shape}] along axis ${axis}`;
    throw new UnsupportedError(message, 'Give one, one per index of the axis, or one per block.');
  }
  for (let i = 0; i < size; i++) {
    const outer = Math.floor(i / (inner * length));
    const place = Math.floor((Math.floor(i / inner) % length) / width);
    index[i] = (outer * blocks + place) * inner + (i % inner);
  }
  return index;
}

/** The scale (operand `at`) and zero point (the next one, 0 if absent) of a tensor; both must be constants. */
export function readQuantisation(context: OpContext, shape: Shape, at: number, axis: number, block = 0): Quantisation {
  const factors = constantInput(context, at, 'the scale');
  const zero = optional(context, at + 1) === undefined ? undefined : constantInput(context, at + 1, 'the zero point');
  if (factors.some((s) => !(s > 0 && Number.isFinite(s)))) {
    throw new UnsupportedError('a scale is not a positive number', 'Re-export the model.');
  }
  if (zero !== undefined && zero.length !== factors.length) {
    throw new UnsupportedError(`${factors.length} scales with ${zero.length} zero points`, 'Give as many of each.');
  }
  const index = parameterIndex(shape, context.b.shape(input(context, at)), axis, block);
  return { scale: factors, zero: zero ?? new Float64Array(factors.length), index };
}

/** x − zero, as `dtype`. */
export function withoutZero(b: GraphBuilder, x: ValueId, { zero, index }: Quantisation, dtype: DType): ValueId {
  const wide = retype(b, x, dtype);
  if (zero.every((z) => z === 0)) return wide;
  return subtract(b, wide, spread(b, b.shape(x), zero, index, dtype));
}

/** (x − zero)·scale. */
export function dequantise(b: GraphBuilder, x: ValueId, parameters: Quantisation, dtype: DType): ValueId {
  const centred = withoutZero(b, x, parameters, dtype);
  return multiply(b, centred, spread(b, b.shape(x), parameters.scale, parameters.index, dtype));
}

function spread(b: GraphBuilder, shape: Shape, values: Float64Array, index: Int32Array, dtype: DType): ValueId {
  const data = values.length === 1 ? new Float64Array(index.length).fill(values[0]) : values;
  return constant(b, shape, values.length === 1 ? data : Float64Array.from(index, (i) => values[i]), dtype);
}

/** How reals become integers of a type: saturate(round(factor·x) + zero), factor and zero by element. */
export interface Rounding {
  readonly factor: Float64Array;
  readonly zero: Float64Array;
  readonly index: Int32Array;
  readonly dtype: DType;
}

/**
 * Rounds half to even, adds the zero point and saturates. Elements with different factors are rounded apart, so that a
 * factor only ever changes a scale and is exact.
 */
export function quantise(b: GraphBuilder, x: ValueId, { factor, zero, index, dtype }: Rounding): ValueId {
  const range = integerRange(dtype);
  if (range === undefined) {
    throw new UnsupportedError(`quantisation to ${dtype} is not supported`, 'Quantise to an integer type.');
  }
  const shape = b.shape(x);
  const rounded = roundGroups(b, x, factor, index);
  const shifted = zero.every((z) => z === 0) ? rounded : add(b, rounded, spread(b, shape, zero, index, b.dtype(x)));
  return retype(b, clip(b, shifted, range.min, range.max), dtype);
}

function roundGroups(b: GraphBuilder, x: ValueId, factor: Float64Array, index: Int32Array): ValueId {
  const shape = b.shape(x);
  const groups = new Map<number, number[]>();
  for (const [i, parameter] of index.entries()) {
    const members = groups.get(factor[parameter]);
    if (members === undefined) groups.set(factor[parameter], [i]);
    else members.push(i);
  }
  const [first] = groups.keys();
  if (groups.size <= 1) return roundScaled(b, x, first ?? 1);
  const back = new Int32Array(index.length);
  let next = 0;
  const parts = [...groups].map(([value, members]) => {
    for (const i of members) back[i] = next++;
    return roundScaled(b, move(b, [x], [members.length], Int32Array.from(members)), value);
  });
  return move(b, parts, shape, back);
}

function roundScaled(b: GraphBuilder, x: ValueId, factor: number): ValueId {
  const scaled = scale(b, x, factor);
  return b.push({ kind: 'round', inputs: [scaled], shape: b.shape(x), dtype: b.dtype(x), mode: 'even' });
}

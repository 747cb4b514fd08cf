import type { ValueId } from '../../graph/builder.ts';
import { constant, move } from '../../graph/compose/movement.ts';
import { normaliseAxis, type Shape, ShapeError, sizeOf, stridesOf } from '../../tensor/shape.ts';
import { axisList, input, inputShape, type OpContext, type OpTable, optional, optionalConstant } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** For every coordinate along a padded axis, the coordinate that is read there; −1 for the fill. */
type AxisSource = Int32Array;

function pad(context: OpContext): ValueId[] {
  const { attributes, b, opset } = context;
  const x = input(context, 0);
  const shape = inputShape(context, 0);
  const mode = attributes.string('mode', 'constant');
  const { before, after } = amounts(context, shape.length);
  const sources = shape.map((dim, axis) => axisSource(mode, dim, before[axis], after[axis]));
  const target = sources.map((source) => source.length);
  const source = combineAxes(shape, target, sources);
  if (opset < 11 || optional(context, 2) === undefined) {
    const value = opset < 11 ? attributes.float('value', 0) : 0;
    return [fillGaps(context, x, target, source, constant(b, [], Float64Array.of(value), b.dtype(x)))];
  }
  return [fillGaps(context, x, target, source, input(context, 2))];
}

/** Gaps (−1) read `filler`, one number. */
function fillGaps({ b }: OpContext, x: ValueId, target: Shape, source: Int32Array, filler: ValueId): ValueId {
  const fill = b.constant(filler)?.[0];
  if (fill !== undefined) return move(b, [x], target, source, fill);
  const size = sizeOf(b.shape(x));
  const joined = source.map((s) => (s < 0 ? size : s));
  return move(b, [x, filler], target, joined);
}

/** Amounts per axis: an attribute before opset 11 (called `paddings` in opset 1), an operand since; axes since 18. */
function amounts(context: OpContext, rank: number): { readonly before: number[]; readonly after: number[] } {
  const { attributes, opset } = context;
  const pads =
    opset < 2 ? attributes.ints('paddings') : opset < 11 ? attributes.ints('pads') : axisList(context, 1, 'pads');
  const given = opset < 18 ? undefined : optionalConstant(context, 3, 'axes');
  const axes = given === undefined ? pads.slice(0, rank).map((_, axis) => axis) : [...given];
  if (pads.length !== 2 * axes.length) throw new ShapeError(`${pads.length} pads for ${axes.length} axes`);
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  for (const [i, axis] of axes.map((a) => normaliseAxis(a, rank)).entries()) {
    before[axis] = pads[i];
    after[axis] = pads[i + axes.length];
  }
  return { before, after };
}

/** Negative amounts crop first; what is left is continued past its ends as the mode says. */
function axisSource(mode: string, dim: number, before: number, after: number): AxisSource {
  const first = Math.max(0, -before);
  const length = Math.max(0, dim - first - Math.max(0, -after));
  const total = dim + before + after;
  if (total < 0) throw new ShapeError(`pads ${before} and ${after} remove more than the ${dim} elements of an axis`);
  const source = new Int32Array(sizeOf([total]));
  const beyond = continuation(mode, length);
  for (let i = 0; i < total; i++) {
    const at = i - Math.max(0, before);
    source[i] = at >= 0 && at < length ? first + at : beyond(at) < 0 ? -1 : first + beyond(at);
  }
  return source;
}

function continuation(mode: string, length: number): (at: number) => number {
  if (mode === 'constant') return () => -1;
  if (length === 0) throw new ShapeError(`an empty axis cannot be padded in mode "${mode}"`);
  switch (mode) {
    case 'edge':
      return (at) => (at < 0 ? 0 : length - 1);
    case 'wrap':
      return (at) => modulo(at, length);
    case 'reflect': {
      const period = Math.max(1, 2 * (length - 1));
      return (at) => (modulo(at, period) < length ? modulo(at, period) : period - modulo(at, period));
    }
    default:
      throw new UnsupportedError(`mode "${mode}" is not supported`, 'Use constant, edge, reflect or wrap.');
  }
}

const modulo = (x: number, n: number): number => ((x % n) + n) % n;

/** Source of every element of the target: the coordinates of each axis looked up, −1 where any is −1. */
function combineAxes(shape: Shape, target: Shape, sources: readonly AxisSource[]): Int32Array {
  const strides = stridesOf(shape);
  let combined = new Int32Array([0]);
  for (const [axis, source] of sources.entries()) {
    const next = new Int32Array(sizeOf(target.slice(0, axis + 1)));
    for (let i = 0, n = 0; i < combined.length; i++) {
      for (const at of source) next[n++] = combined[i] < 0 || at < 0 ? -1 : combined[i] + at * strides[axis];
    }
    combined = next;
  }
  return combined;
}

export const ops: OpTable = { Pad: pad };

import type { ValueId } from '../../graph/builder.ts';
import { constant, move, reshape } from '../../graph/compose/movement.ts';
import { normaliseAxis, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

const maxSlices = 2 ** 18;

/** The distinct slices of a constant, their first places, the inverse map and their counts. */
function unique(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const data = constantInput(context, 0, 'the tensor whose distinct elements are wanted');
  const whole = inputShape(context, 0);
  const flat = !attributes.has('axis');
  const shape = flat ? [sizeOf(whole)] : whole;
  const axis = flat ? 0 : normaliseAxis(attributes.int('axis'), shape.length);
  const strides = stridesOf(shape);
  const within = stridedIndex(
    shape.map((dim, i) => (i === axis ? 1 : dim)),
    strides,
  );
  const length = shape[axis];
  if (length > maxSlices) {
    throw new UnsupportedError(`sorts ${length} slices`, `A constant may have ${maxSlices}; precompute the result.`);
  }
  const compare = (i: number, j: number): number => {
    const [x, y] = [i * strides[axis], j * strides[axis]];
    const first = within.find((at) => data[at + x] !== data[at + y]);
    return first === undefined ? 0 : data[first + x] - data[first + y];
  };
  const groups = groupEqual(length, compare, attributes.int('sorted', 1) !== 0);
  const inverse = new Float64Array(length);
  for (const [g, members] of groups.entries()) for (const i of members) inverse[i] = g;
  const target = shape.map((dim, i) => (i === axis ? groups.length : dim));
  const places = stridedIndex(
    target,
    stridesOf(shape).map((stride, i) => (i === axis ? 0 : stride)),
  );
  const inner = sizeOf(target.slice(axis + 1));
  const source = places.map((at, i) => at + groups[Math.floor(i / inner) % groups.length][0] * strides[axis]);
  const integers = (values: Float64Array): ValueId => constant(b, [values.length], values, 'int64');
  return [
    move(b, [reshape(b, input(context, 0), shape)], target, source),
    integers(Float64Array.from(groups, ([first]) => first)),
    integers(inverse),
    integers(Float64Array.from(groups, (members) => members.length)),
  ];
}

/** Indices of equal elements together, each group ascending; groups by value, or by first appearance. */
function groupEqual(count: number, compare: (i: number, j: number) => number, sorted: boolean): number[][] {
  const order = Array.from({ length: count }, (_, i) => i).sort((i, j) => compare(i, j) || i - j);
  const groups: number[][] = [];
  for (const i of order) {
    const last = groups.at(-1);
    if (last !== undefined && compare(last[0], i) === 0) last.push(i);
    else groups.push([i]);
  }
  return sorted ? groups : groups.sort((x, y) => x[0] - y[0]);
}

export const ops: OpTable = { Unique: unique };

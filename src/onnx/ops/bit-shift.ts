import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { combine, compare, divide, multiply, retype, scale, together } from '../../graph/compose/arithmetic.ts';
import { constant, filled } from '../../graph/compose/movement.ts';
import { integerWidth } from '../../graph/integer-width.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { bits } from './bitwise.ts';

/** The largest power of two the shifts multiply or divide by. */
const largestShift = 52;

/** Shifts of unsigned integers by constant or computed amounts; by the width or more, nothing is left. */
function bitShift(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const direction = attributes.string('direction');
  if (direction !== 'LEFT' && direction !== 'RIGHT') {
    throw new UnsupportedError(`direction "${direction}" is unknown`, 'Use "LEFT" or "RIGHT".');
  }
  const [x, amount] = together(b, [input(context, 0), input(context, 1)]);
  const { width } = integerWidth(b.dtype(x));
  const fixed = b.constant(amount);
  if (fixed === undefined) return [byComputed(b, x, amount, Math.min(width, largestShift + 1), direction)];
  const uniform = fixed.every((v) => v === fixed[0]) ? fixed[0] : undefined;
  if (uniform === undefined) return [byConstants(b, x, fixed, width, direction)];
  if (uniform >= width) return [filled(b, b.shape(x), 0, b.dtype(x))];
  if (direction === 'RIGHT') return [bits(b, [x], 'shr', { amount: uniform })];
  const kept = width - uniform <= largestShift ? bits(b, [x], 'wrap', { width: width - uniform, signed: false }) : x;
  return [scale(b, kept, 2 ** uniform)];
}

type Direction = 'LEFT' | 'RIGHT';

function byConstants(b: GraphBuilder, x: ValueId, amounts: Float64Array, width: number, direction: Direction): ValueId {
  const powers = amounts.map((v) => (v >= width ? 0 : 2 ** v));
  const tensor = (data: Float64Array): ValueId => constant(b, b.shape(x), data, b.dtype(x));
  if (direction === 'LEFT') return multiply(b, x, tensor(powers));
  const kept = multiply(b, x, tensor(powers.map(Math.sign)));
  return divide(b, kept, tensor(powers.map((power) => Math.max(power, 1))), 'floor');
}

/** 2^amount = 1 + Σ_i (2^i − 1)·[amount = i], which is at least 1 whatever the bounds of the sum say. */
function byComputed(b: GraphBuilder, x: ValueId, amount: ValueId, width: number, direction: Direction): ValueId {
  const wide = (value: ValueId): ValueId => retype(b, value, 'int64');
  const number = (i: number): ValueId => filled(b, b.shape(x), i, 'int64');
  const by = wide(amount);
  const chosen = Array.from({ length: width - 1 }, (_, i) => wide(compare(b, 'eq', by, number(i + 1))));
  const power = combine(b, [number(1), ...chosen], [1, ...chosen.map((_, i) => 2 ** (i + 1) - 1)]);
  const shifted = direction === 'LEFT' ? multiply(b, wide(x), power) : divide(b, wide(x), power, 'floor');
  const remains = wide(compare(b, 'lt', by, number(width)));
  return retype(b, multiply(b, shifted, remains), b.dtype(x));
}

export const ops: OpTable = { BitShift: bitShift };

import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { compare, not, retype } from '../../graph/compose/arithmetic.ts';
import { constant, filled } from '../../graph/compose/movement.ts';
import { type DType, integerRange, isInteger, isReal } from '../../tensor/dtype.ts';
import { dtypeOf } from '../element-types.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { exactIntegers, roundFloat } from '../round-float.ts';
import { UnsupportedError } from '../unsupported.ts';

function cast(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const code = attributes.int('to');
  const target = dtypeOf(code);
  if (target === undefined) throw new UnsupportedError(`element type ${code} is unknown`, 'Re-export the model.');
  return [castTo(b, input(context, 0), target, attributes.int('saturate', 1) !== 0)];
}

function castLike(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  return [castTo(b, input(context, 0), b.dtype(input(context, 1)), attributes.int('saturate', 1) !== 0)];
}

/** Reals are cut toward zero, integers wrap, and whatever is not 0 is true. */
function castTo(b: GraphBuilder, x: ValueId, target: DType, saturate: boolean): ValueId {
  if (b.dtype(x) === target) return x;
  if (target === 'bool') return not(b, compare(b, 'eq', x, filled(b, [], 0, b.dtype(x))));
  if (isInteger(target)) return isReal(b.dtype(x)) ? truncate(b, x, target) : retype(b, x, target);
  if (isReal(target)) return toReal(b, x, target, saturate);
  throw new UnsupportedError(`a cast to ${target} cannot be proved`, 'Keep to numbers.');
}

function truncate(b: GraphBuilder, x: ValueId, dtype: DType): ValueId {
  if (b.constant(x)?.every(Number.isFinite) === false) {
    throw new UnsupportedError(`a constant that is not finite is cast to ${dtype}`, 'Replace it before the cast.');
  }
  return b.push({ kind: 'round', inputs: [x], shape: b.shape(x), dtype, mode: 'trunc' });
}

const isCoarse = (dtype: DType): boolean => dtype.startsWith('float8') || dtype.startsWith('float4');

/**
 * Constants are rounded as the type says. A computed value keeps the precision it has: 16 bits and more of a float are
 * within the tolerance of everything around it, which 8 and 4 bits are not unless every value of the source fits.
 */
function toReal(b: GraphBuilder, x: ValueId, target: DType, saturate: boolean): ValueId {
  const data = b.constant(x);
  if (data !== undefined) {
    const rounded = data.map((value) => {
      const result = roundFloat(target, value, saturate);
      if (result === undefined) throw new UnsupportedError(`${value} has no counterpart in ${target}`, 'Use float16.');
      return result;
    });
    return constant(b, b.shape(x), rounded, target);
  }
  if (!isCoarse(target) || fits(b.dtype(x), target)) return retype(b, x, target);
  throw new UnsupportedError(
    `a value computed at run time is cast to ${target}`,
    'Cast to float16 or wider, or quantise with QuantizeLinear to int8.',
  );
}

function fits(source: DType, target: DType): boolean {
  if (source === 'bool') return target !== 'float8e8m0';
  const range = integerRange(source);
  return range !== undefined && Math.max(-range.min, range.max) <= exactIntegers(target);
}

export const ops: OpTable = { Cast: cast, CastLike: castLike };

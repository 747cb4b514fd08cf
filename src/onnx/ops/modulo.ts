import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { divide, multiply, relu, retype, subtract, together } from '../../graph/compose/arithmetic.ts';
import { isReal } from '../../tensor/dtype.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/**
 * x − y·q with the quotient rounded toward −∞ (the result has the divisor's sign) or, with `fmod`, toward zero (the
 * dividend's sign). Integers are taken apart as int64, where y·q cannot wrap.
 */
function mod(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const truncates = attributes.int('fmod', 0) === 1;
  const [x, y] = together(b, [input(context, 0), input(context, 1)]);
  const dtype = b.dtype(x);
  const mode = truncates ? 'trunc' : 'floor';
  if (isReal(dtype)) {
    if (!truncates) throw new UnsupportedError(`fmod = 0 on ${dtype}`, 'Real operands need fmod = 1.');
    return [remainder(b, x, y, mode)];
  }
  const isUnsigned = dtype.startsWith('uint');
  const width = isUnsigned || !truncates ? powerOfTwo(b.constant(y)) : undefined;
  if (width !== undefined) return [lowBits(b, x, width)];
  const rest = remainder(b, retype(b, x, 'int64'), retype(b, y, 'int64'), mode);
  return [retype(b, isUnsigned ? relu(b, rest) : rest, dtype)];
}

function remainder(b: GraphBuilder, x: ValueId, y: ValueId, mode: 'floor' | 'trunc'): ValueId {
  return subtract(b, x, multiply(b, divide(b, x, y, mode), y));
}

/** The exponent of a constant divisor that is one power of two everywhere. */
function powerOfTwo(divisor: Float64Array | undefined): number | undefined {
  const width = Math.log2(divisor?.[0] ?? 0);
  const isOne = Number.isInteger(width) && width >= 1 && width <= 52 && divisor?.every((v) => v === divisor[0]);
  return isOne === true ? width : undefined;
}

function lowBits(b: GraphBuilder, x: ValueId, width: number): ValueId {
  const node = { kind: 'bits' as const, inputs: [x], shape: b.shape(x), dtype: b.dtype(x) };
  return b.push({ ...node, op: 'wrap', width, signed: false, amount: 0 });
}

export const ops: OpTable = { Mod: mod };

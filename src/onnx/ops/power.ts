import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { apply, divide, multiply, retype, sqrt } from '../../graph/compose/arithmetic.ts';
import { broadcastTo, constant, filled, move } from '../../graph/compose/movement.ts';
import { type DType, isReal } from '../../tensor/dtype.ts';
import { broadcastShapes, type Shape } from '../../tensor/shape.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Whole exponents up to this are repeated products. */
const largestExponent = 1024;

/** The result has the base's type, whatever the exponent's. */
function pow(context: OpContext): ValueId[] {
  const { b } = context;
  const operands = [input(context, 0), input(context, 1)];
  const shape = broadcastShapes(...operands.map((id) => b.shape(id)));
  const [base, exponent] = operands.map((id) => broadcastTo(b, id, shape));
  const dtype = b.dtype(base);
  const bases = b.constant(base);
  if (bases === undefined) {
    const given = constantInput(context, 1, 'the exponent');
    return [byExponents(b, base, b.constant(exponent) ?? given)];
  }
  const exponents = b.constant(exponent);
  if (exponents === undefined) return [ofBases(b, bases, exponent, dtype)];
  return [constant(b, shape, constantPower(bases, exponents, dtype), dtype)];
}

function constantPower(bases: Float64Array, exponents: Float64Array, dtype: DType): Float64Array {
  const powers = bases.map((base, i) => base ** exponents[i]);
  if (isReal(dtype)) return powers;
  if (powers.every((power) => Math.abs(power) <= 2 ** 53)) return powers.map(Math.trunc);
  throw new UnsupportedError(`a constant power leaves the exact ${dtype}`, 'Compute it in a floating-point type.');
}

/** Elements that share an exponent are raised together. */
function byExponents(b: GraphBuilder, x: ValueId, exponents: Float64Array): ValueId {
  const distinct = [...new Set(exponents)];
  if (distinct.length === 1) return raised(b, x, distinct[0]);
  const shape: Shape = b.shape(x);
  const source = new Int32Array(exponents.length);
  let placed = 0;
  const parts = distinct.map((exponent) => {
    const members = Int32Array.from(exponents.keys()).filter((i) => exponents[i] === exponent);
    for (const i of members) source[i] = placed++;
    return raised(b, move(b, [x], [members.length], members), exponent);
  });
  return exponents.length === 0 ? x : move(b, parts, shape, source);
}

/** Whole and half exponents are products and roots, others the smooth function on positive bases. */
function raised(b: GraphBuilder, x: ValueId, exponent: number): ValueId {
  const dtype = b.dtype(x);
  const whole = Number.isInteger(exponent);
  if (!isReal(dtype) && (!whole || exponent < 0)) {
    throw new UnsupportedError(`${dtype} to the power of ${exponent} is no integer`, 'Cast the base to float32 first.');
  }
  if (!(Math.abs(exponent) <= largestExponent)) {
    throw new UnsupportedError(`the exponent is ${exponent}`, `Use exponents up to ${largestExponent}.`);
  }
  if (exponent < 0 && Number.isInteger(2 * exponent)) {
    return divide(b, filled(b, b.shape(x), 1, dtype), raised(b, x, -exponent));
  }
  if (whole) return repeated(b, x, exponent);
  if (Number.isInteger(2 * exponent)) return multiply(b, repeated(b, x, exponent - 0.5), sqrt(b, x));
  return apply(b, x, 'power', exponent);
}

function repeated(b: GraphBuilder, x: ValueId, exponent: number): ValueId {
  if (exponent === 0) return filled(b, b.shape(x), 1, b.dtype(x));
  if (exponent === 1) return x;
  if (exponent % 2 === 1) return multiply(b, repeated(b, x, exponent - 1), x);
  const root = repeated(b, x, exponent / 2);
  return multiply(b, root, root);
}

/** base^x = exp(x · ln base) for positive bases. */
function ofBases(b: GraphBuilder, bases: Float64Array, exponent: ValueId, dtype: DType): ValueId {
  if (!isReal(dtype)) {
    throw new UnsupportedError(`${dtype} is raised to a computed power`, 'Cast the base to float32 first.');
  }
  if (!bases.every((base) => base > 0)) {
    throw new UnsupportedError('a base that is not positive is raised to a computed power', 'Use a positive base.');
  }
  const x = retype(b, exponent, dtype);
  if (bases.every((base) => base === bases[0])) return apply(b, x, 'powerOf', bases[0]);
  return apply(b, multiply(b, x, constant(b, b.shape(x), bases.map(Math.log), dtype)), 'exp');
}

export const ops: OpTable = { Pow: pow };

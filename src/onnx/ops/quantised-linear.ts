import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, multiply, retype, subtract } from '../../graph/compose/arithmetic.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { constantInput, input, type OpContext, type OpTable, optional } from '../op.ts';
import { dequantise, quantise, readQuantisation } from '../quantisation.ts';
import { UnsupportedError } from '../unsupported.ts';
import { conv } from './conv.ts';
import { matrixProduct } from './linear.ts';

/** A minus its zero point, as int32; one zero point for all, or one per index along `axis`. */
function centred(b: GraphBuilder, x: ValueId, zero: ValueId | undefined, axis: number): ValueId {
  const wide = retype(b, x, 'int32');
  if (zero === undefined || b.constant(zero)?.every((z) => z === 0)) return wide;
  const zeros = retype(b, zero, 'int32');
  const shape = b.shape(zero);
  if (shape.length !== 1 || shape[0] === 1)
    return subtract(b, wide, shape.length === 1 ? reshape(b, zeros, []) : zeros);
  const aligned = b.shape(x).map((dim, i) => (i === axis && dim === shape[0] ? dim : 1));
  if (!aligned.includes(shape[0])) {
    const fix = 'Give one zero point, or one per row or column.';
    throw new UnsupportedError(`${shape[0]} zero points for a tensor [${b.shape(x)}]`, fix);
  }
  return subtract(b, wide, reshape(b, zeros, aligned));
}

function centredMatrices(context: OpContext, [a, aZero, w, wZero]: readonly number[]): ValueId {
  const { b } = context;
  const [left, right] = [input(context, a), input(context, w)];
  const rank = b.shape(left).length;
  const columns = b.shape(right).length - 1;
  const first = centred(b, left, optional(context, aZero), Math.max(0, rank - 2));
  return matrixProduct(b, first, centred(b, right, optional(context, wZero), columns));
}

function centredConvolution(context: OpContext, [x, xZero, w, wZero]: readonly number[], bias?: ValueId): ValueId {
  const { b } = context;
  const data = centred(b, input(context, x), optional(context, xZero), 1);
  const weight = centred(b, input(context, w), optional(context, wZero), 0);
  return conv({ ...context, inputs: [data, weight, bias] })[0];
}

/** Rescales int32 sums to the output's quantisation; factors may differ by row and column (or channel). */
function requantise(context: OpContext, sums: ValueId, factor: Float64Array, index: Int32Array, at: number): ValueId {
  const { b } = context;
  const output = readQuantisation(context, [], at, 0);
  const [step] = output.scale;
  const [zero] = output.zero;
  const zeroPoint = optional(context, at + 1);
  return quantise(b, retype(b, sums, 'float32'), {
    factor: factor.map((f) => Math.fround(f / step)),
    zero: new Float64Array(factor.length).fill(zero),
    index,
    dtype: zeroPoint === undefined ? 'uint8' : b.dtype(zeroPoint),
  });
}

function qLinearMatMul(context: OpContext): ValueId[] {
  const { b } = context;
  const sums = centredMatrices(context, [0, 2, 3, 5]);
  const rows = constantInput(context, 1, 'the scale of A');
  const columns = constantInput(context, 4, 'the scale of B');
  const shape = b.shape(sums);
  const width = shape[shape.length - 1] ?? 1;
  const height = shape[shape.length - 2] ?? 1;
  const fits = (count: number, expected: number): boolean => count === 1 || count === expected;
  if (!fits(rows.length, height) || !fits(columns.length, width)) {
    throw new UnsupportedError('its scales fit neither all values nor rows and columns', 'Re-export the model.');
  }
  const factor = Float64Array.from({ length: rows.length * columns.length }, (_, i) => {
    return Math.fround(rows[Math.floor(i / columns.length)] * columns[i % columns.length]);
  });
  const size = shape.reduce((product, dim) => product * dim, 1);
  const index = Int32Array.from({ length: size }, (_, i) => {
    const row = rows.length === 1 ? 0 : Math.floor(i / width) % height;
    return row * columns.length + (columns.length === 1 ? 0 : i % width);
  });
  return [requantise(context, sums, factor, index, 6)];
}

function qLinearConv(context: OpContext): ValueId[] {
  const { b } = context;
  const sums = centredConvolution(context, [0, 2, 3, 5], optional(context, 8));
  const [xScale] = constantInput(context, 1, 'the scale of x');
  const factor = constantInput(context, 4, 'the scale of w').map((s) => Math.fround(xScale * s));
  const [, channels, ...plane] = b.shape(sums);
  if (factor.length !== 1 && factor.length !== channels) {
    throw new UnsupportedError(`${factor.length} weight scales for ${channels} channels`, 'Re-export the model.');
  }
  const inner = plane.reduce((product, dim) => product * dim, 1);
  const size = b.shape(sums).reduce((product, dim) => product * dim, 1);
  const index = Int32Array.from({ length: size }, (_, i) => {
    return factor.length === 1 ? 0 : Math.floor(i / inner) % channels;
  });
  return [requantise(context, sums, factor, index, 6)];
}

/** An operation on two dequantised tensors whose result is quantised again (com.microsoft). */
function between(operation: (b: GraphBuilder, x: ValueId, y: ValueId) => ValueId): (context: OpContext) => ValueId[] {
  return (context) => {
    const { b } = context;
    const real = (at: number): ValueId => {
      const x = input(context, at);
      return dequantise(b, x, readQuantisation(context, b.shape(x), at + 1, 0), 'float32');
    };
    const result = operation(b, real(0), real(3));
    const { scale, zero } = readQuantisation(context, [], 6, 0);
    const index = new Int32Array(b.shape(result).reduce((product, dim) => product * dim, 1));
    return [quantise(b, result, { factor: scale.map((s) => 1 / s), zero, index, dtype: b.dtype(input(context, 0)) })];
  };
}

export const ops: OpTable = {
  MatMulInteger: (context) => [centredMatrices(context, [0, 2, 1, 3])],
  ConvInteger: (context) => [centredConvolution(context, [0, 2, 1, 3])],
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
};

export const microsoftOps: OpTable = { QLinearAdd: between(add), QLinearMul: between(multiply) };

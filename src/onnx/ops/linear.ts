import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { combine, relu } from '../../graph/compose/arithmetic.ts';
import { broadcastTo, reshape, transpose } from '../../graph/compose/movement.ts';
import { batchedProduct, weightedSum } from '../../graph/compose/product.ts';
import { broadcastShapes, type Shape, sizeOf, stridedIndex } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** alpha·A'·B' + beta·C; free when A or B is constant. */
function gemm(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const swap = [1, 0];
  const left = attributes.int('transA', 0) === 0 ? input(context, 0) : transpose(b, input(context, 0), swap);
  const right = attributes.int('transB', 0) === 0 ? input(context, 1) : transpose(b, input(context, 1), swap);
  const product = matrixProduct(b, left, right);
  const scaled = alpha === 1 ? product : combine(b, [product], [alpha]);
  const addend = optional(context, 2);
  return [addend === undefined ? scaled : combine(b, [scaled, broadcastTo(b, addend, b.shape(product))], [1, beta])];
}

/** The product of tensors of any rank as ONNX MatMul (and NumPy) defines it; free when either side is constant. */
export function matrixProduct(b: GraphBuilder, left: ValueId, right: ValueId): ValueId {
  const leftShape = b.shape(left);
  const rightShape = b.shape(right);
  if (leftShape.length === 1 && rightShape.length > 0) {
    const product = matrixProduct(b, reshape(b, left, [1, leftShape[0]]), right);
    return reshape(b, product, dropAxis(b.shape(product), rightShape.length === 1 ? -1 : -2));
  }
  if (rightShape.length === 1 && leftShape.length > 0) {
    const product = matrixProduct(b, left, reshape(b, right, [rightShape[0], 1]));
    return reshape(b, product, b.shape(product).slice(0, -1));
  }
  const [m, k] = leftShape.slice(-2);
  const [inner, n] = rightShape.slice(-2);
  if (k === undefined || k !== inner) {
    throw new UnsupportedError(`shapes [${leftShape}] and [${rightShape}] do not multiply`, 'Check the operands.');
  }
  const leftBatch = leftShape.slice(0, -2);
  const rightBatch = rightShape.slice(0, -2);
  const batch = broadcastShapes(leftBatch, rightBatch);
  const shape = [...batch, m, n];
  if (sizeOf(rightBatch) === 1) {
    const rows = sizeOf(leftBatch) * m;
    return reshape(b, batchedProduct(b, left, right, { batch: 1, m: rows, k, n }), shape);
  }
  if (sizeOf(leftBatch) === 1) return reshape(b, sharedLeft(b, left, right, sizeOf(rightBatch), m, k, n), shape);
  const wideLeft = broadcastTo(b, left, [...batch, m, k]);
  const wideRight = broadcastTo(b, right, [...batch, k, n]);
  return reshape(b, batchedProduct(b, wideLeft, wideRight, { batch: sizeOf(batch), m, k, n }), shape);
}

/** One [m, k] times every [k, n] of a batch: the columns of all of them side by side. */
function sharedLeft(
  b: GraphBuilder,
  left: ValueId,
  right: ValueId,
  batch: number,
  m: number,
  k: number,
  n: number,
): ValueId {
  const gather = stridedIndex([batch, n, k], [k * n, 1, n]);
  const y = weightedSum(b, { x: right, gather, weight: left, groups: 1, outs: m, positions: batch * n, depth: k });
  return transpose(b, reshape(b, y, [m, batch, n]), [1, 0, 2]);
}

const dropAxis = (shape: Shape, axis: number): number[] => shape.filter((_, i) => i !== shape.length + axis);

export const ops: OpTable = {
  Gemm: gemm,
  MatMul: (context) => [matrixProduct(context.b, input(context, 0), input(context, 1))],
  Relu: (context) => [relu(context.b, input(context, 0))],
};

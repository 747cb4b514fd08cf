import type { ValueId } from '../../graph/builder.ts';
import { combine, relu } from '../../graph/compose/arithmetic.ts';
import { linearRows } from '../../graph/compose/linear.ts';
import { broadcastTo, transpose } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';

/** alpha·A'·B' + beta·C; free when A or B is constant. */
function gemm(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const swap = [1, 0];
  const left = attributes.int('transA', 0) === 0 ? input(context, 0) : transpose(b, input(context, 0), swap);
  const right = attributes.int('transB', 0) === 0 ? input(context, 1) : transpose(b, input(context, 1), swap);
  const product = matrixProduct(context, left, right);
  const scaled = alpha === 1 ? product : combine(b, [product], [alpha]);
  const addend = optional(context, 2);
  return [addend === undefined ? scaled : combine(b, [scaled, broadcastTo(b, addend, b.shape(product))], [1, beta])];
}

/** [m, k] × [k, n] for one constant and one computed side, or two computed ones. */
function matrixProduct({ b }: OpContext, left: ValueId, right: ValueId): ValueId {
  const [m, k] = b.shape(left);
  const [, n] = b.shape(right);
  const rightData = b.constant(right);
  if (rightData !== undefined) {
    const weight = b.constant(transpose(b, right, [1, 0])) ?? rightData;
    return linearRows(b, { x: left, rows: m, depth: k, outs: n, weight });
  }
  const leftData = b.constant(left);
  if (leftData !== undefined) {
    const flipped = transpose(b, right, [1, 0]);
    const rows = linearRows(b, { x: flipped, rows: n, depth: k, outs: m, weight: leftData });
    return transpose(b, rows, [1, 0]);
  }
  const dtype = b.dtype(left);
  return b.push({ kind: 'matmul', inputs: [left, right], shape: [m, n], dtype, batch: 1, m, k, n });
}

export const ops: OpTable = {
  Gemm: gemm,
  Relu: (context) => [relu(context.b, input(context, 0))],
};

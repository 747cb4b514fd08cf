import type { NodeKind } from '../../graph/graph.ts';
import type { Rule } from '../context.ts';
import { quantiseAffine } from './affine.ts';
import { quantiseAdd, quantiseConst, quantiseInput, quantiseMap } from './linear.ts';
import { quantiseArgMax, quantiseMax } from './order.ts';
import { quantiseMatMul, quantiseMul } from './product.ts';
import { quantiseRelu } from './relu.ts';

/** One rule per primitive. */
export const rules: { readonly [K in NodeKind]?: Rule<K> } = {
  input: quantiseInput,
  const: quantiseConst,
  affine: quantiseAffine,
  map: quantiseMap,
  add: quantiseAdd,
  mul: quantiseMul,
  matmul: quantiseMatMul,
  max: quantiseMax,
  relu: quantiseRelu,
  argmax: quantiseArgMax,
};

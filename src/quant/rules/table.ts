import type { NodeKind } from '../../graph/graph.ts';
import type { Rule } from '../context.ts';
import { quantiseAffine } from './affine.ts';
import { quantiseBits } from './bits.ts';
import { quantiseClip } from './clip.ts';
import { quantiseCompare } from './compare.ts';
import { quantiseDivide } from './divide.ts';
import { quantiseFunction } from './function.ts';
import { quantiseAdd, quantiseConst, quantiseInput, quantiseMap } from './linear.ts';
import { quantiseMax } from './order.ts';
import { quantiseMatMul, quantiseMul } from './product.ts';
import { quantiseRelu } from './relu.ts';
import { quantiseRound } from './round.ts';
import { quantiseSelect } from './select.ts';
import { quantiseSqrt } from './sqrt.ts';
import { quantiseArgMax, quantiseTopK } from './topk.ts';
import { quantiseTree } from './tree.ts';

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
  topk: quantiseTopK,
  clip: quantiseClip,
  round: quantiseRound,
  compare: quantiseCompare,
  select: quantiseSelect,
  function: quantiseFunction,
  divide: quantiseDivide,
  sqrt: quantiseSqrt,
  bits: quantiseBits,
  tree: quantiseTree,
};

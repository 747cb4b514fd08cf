import type { QKind } from '../../quant/qgraph.ts';
import { lowerArgMax } from './argmax.ts';
import { lowerBits } from './bits.ts';
import { lowerClip } from './clip.ts';
import { lowerCompare } from './compare.ts';
import type { Lower } from './context.ts';
import { lowerDivide } from './divide.ts';
import { lowerFunction } from './function.ts';
import { lowerInput } from './input.ts';
import { lowerAdd, lowerAffine, lowerConst, lowerMap } from './linear.ts';
import { lowerMatMul } from './matmul.ts';
import { lowerMax } from './max.ts';
import { lowerMul } from './mul.ts';
import { lowerRescale } from './rescale.ts';
import { lowerRound } from './round.ts';
import { lowerSelect } from './select.ts';
import { lowerSqrt } from './sqrt.ts';
import { lowerTopK } from './topk.ts';
import { lowerTree } from './tree.ts';

/** One lowering per integer primitive. */
export const lowerings: { readonly [K in QKind]: Lower<K> } = {
  input: lowerInput,
  const: lowerConst,
  affine: lowerAffine,
  map: lowerMap,
  add: lowerAdd,
  mul: lowerMul,
  matmul: lowerMatMul,
  rescale: lowerRescale,
  clip: lowerClip,
  round: lowerRound,
  compare: lowerCompare,
  select: lowerSelect,
  max: lowerMax,
  argmax: lowerArgMax,
  topk: lowerTopK,
  function: lowerFunction,
  divide: lowerDivide,
  sqrt: lowerSqrt,
  bits: lowerBits,
  tree: lowerTree,
};

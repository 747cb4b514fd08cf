import type { QKind } from '../../quant/qgraph.ts';
import type { Lower } from './context.ts';
import { lowerInput } from './input.ts';
import { lowerAdd, lowerAffine, lowerConst, lowerMap } from './linear.ts';
import { lowerRescale } from './rescale.ts';

/** One lowering per integer primitive. */
export const lowerings: { readonly [K in QKind]?: Lower<K> } = {
  input: lowerInput,
  const: lowerConst,
  affine: lowerAffine,
  map: lowerMap,
  add: lowerAdd,
  rescale: lowerRescale,
};

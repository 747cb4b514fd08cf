import type { OpHandler, OpTable } from '../op.ts';
import { ops as argMax } from './arg-max.ts';
import { ops as arithmetic } from './arithmetic.ts';
import { ops as attention, previewOps as attentionPreview } from './attention.ts';
import { ops as bitCast } from './bit-cast.ts';
import { ops as bitShift } from './bit-shift.ts';
import { ops as bitwise } from './bitwise.ts';
import { ops as block } from './block.ts';
import { ops as cast } from './cast.ts';
import { ops as causalConv } from './causal-conv.ts';
import { ops as centerCropPad } from './center-crop-pad.ts';
import { ops as clip } from './clip.ts';
import { ops as col2im } from './col2im.ts';
import { ops as compare } from './compare.ts';
import { ops as compress } from './compress.ts';
import { ops as concat } from './concat.ts';
import { ops as constant } from './constant.ts';
import { ops as conv } from './conv.ts';
import { ops as convTranspose } from './conv-transpose.ts';
import { ops as cumulative } from './cumulative.ts';
import { ops as deformConv } from './deform-conv.ts';
import { ops as diagonal } from './diagonal.ts';
import { ops as einsum } from './einsum.ts';
import { ops as expand } from './expand.ts';
import { ops as fourier } from './fourier.ts';
import { ops as gather } from './gather.ts';
import { ops as identity } from './identity.ts';
import { ops as branch } from './if.ts';
import { ops as linear } from './linear.ts';
import { ops as linearAttention } from './linear-attention.ts';
import { ops as logic } from './logic.ts';
import { ops as lpPool } from './lp-pool.ts';
import { ops as lrn } from './lrn.ts';
import { ops as maxPool } from './max-pool.ts';
import { ops as minMax } from './min-max.ts';
import { ops as mlEncode } from './ml-encode.ts';
import { ops as mlFeatures } from './ml-features.ts';
import { ops as mlLinear } from './ml-linear.ts';
import { ops as mlRefused } from './ml-refused.ts';
import { ops as mlScale } from './ml-scale.ts';
import { ops as mlSvm } from './ml-svm.ts';
import { ops as mlTree } from './ml-tree.ts';
import { ops as mlTreeEnsemble } from './ml-tree-ensemble.ts';
import { ops as modulo } from './modulo.ts';
import { ops as normalise } from './normalise.ts';
import { ops as normaliseBatch } from './normalise-batch.ts';
import { ops as oneHot } from './one-hot.ts';
import { ops as pad } from './pad.ts';
import { ops as piecewise } from './piecewise.ts';
import { ops as pool } from './pool.ts';
import { ops as power } from './power.ts';
import { ops as quantiseLinear } from './quantise-linear.ts';
import { microsoftOps, ops as quantisedLinear } from './quantised-linear.ts';
import { ops as recurrent } from './recurrent.ts';
import { ops as reduceLog } from './reduce-log.ts';
import { ops as reduceNorm } from './reduce-norm.ts';
import { ops as reduceProduct } from './reduce-product.ts';
import { ops as reduceSum } from './reduce-sum.ts';
import { ops as refused } from './refused.ts';
import { ops as reshape } from './reshape.ts';
import { ops as resize } from './resize.ts';
import { ops as reverse } from './reverse.ts';
import { ops as roiAlign } from './roi-align.ts';
import { ops as root } from './root.ts';
import { ops as rotaryEmbedding } from './rotary-embedding.ts';
import { ops as round } from './round.ts';
import { ops as sampleGrid } from './sample-grid.ts';
import { ops as scatter } from './scatter.ts';
import { ops as shape } from './shape.ts';
import { ops as sign } from './sign.ts';
import { ops as slice } from './slice.ts';
import { ops as smooth } from './smooth.ts';
import { ops as softmax } from './softmax.ts';
import { ops as spectralWindow } from './spectral-window.ts';
import { ops as topK } from './top-k.ts';
import { ops as unique } from './unique.ts';

const tables: readonly (readonly [domain: string, table: OpTable])[] = [
  ['', linear],
  ['', arithmetic],
  ['', conv],
  ['', convTranspose],
  ['', cumulative],
  ['', einsum],
  ['', lpPool],
  ['', maxPool],
  ['', normaliseBatch],
  ['', pool],
  ['', reduceSum],
  ['', resize],
  ['', causalConv],
  ['', centerCropPad],
  ['', col2im],
  ['', deformConv],
  ['', roiAlign],
  ['', sampleGrid],
  ['', spectralWindow],
  ['', fourier],
  ['ai.onnx.ml', mlEncode],
  ['ai.onnx.ml', mlFeatures],
  ['ai.onnx.ml', mlLinear],
  ['ai.onnx.ml', mlScale],
  ['ai.onnx.ml', mlSvm],
  ['ai.onnx.ml', mlTree],
  ['ai.onnx.ml', mlTreeEnsemble],
  ['', attention],
  ['ai.onnx.preview', attentionPreview],
  ['', linearAttention],
  ['', lrn],
  ['', normalise],
  ['', quantiseLinear],
  ['', quantisedLinear],
  ['com.microsoft', microsoftOps],
  ['', recurrent],
  ['', reduceLog],
  ['', rotaryEmbedding],
  ['', smooth],
  ['', softmax],
  ['', argMax],
  ['', bitCast],
  ['', block],
  ['', cast],
  ['', compare],
  ['', compress],
  ['', concat],
  ['', constant],
  ['', diagonal],
  ['', expand],
  ['', gather],
  ['', identity],
  ['', branch],
  ['', logic],
  ['', oneHot],
  ['', pad],
  ['', reshape],
  ['', reverse],
  ['', scatter],
  ['', shape],
  ['', slice],
  ['', unique],
  ['', bitShift],
  ['', bitwise],
  ['', clip],
  ['', minMax],
  ['', modulo],
  ['', piecewise],
  ['', power],
  ['', reduceNorm],
  ['', reduceProduct],
  ['', root],
  ['', round],
  ['', sign],
  ['', topK],
];

/** Known operators that cannot be supported: their handlers say what to do instead. */
const refusals: typeof tables = [
  ['', refused],
  ['ai.onnx.ml', mlRefused],
];

const byName = (rows: typeof tables): Map<string, OpHandler> =>
  new Map(
    rows.flatMap(([domain, table]) =>
      Object.entries(table).map(([op, handler]) => [`${domain}:${op}`, handler] as const),
    ),
  );

const supported = byName(tables);
const refusing = byName(refusals);

export function handlerOf(domain: string, op: string): OpHandler | undefined {
  return supported.get(`${domain}:${op}`) ?? refusing.get(`${domain}:${op}`);
}

/** Every supported operator as `domain:Name`, sorted. */
export function supportedOps(): string[] {
  return [...supported.keys()].sort();
}

import type { OpHandler, OpTable } from '../op.ts';
import { ops as arithmetic } from './arithmetic.ts';
import { ops as attention, previewOps as attentionPreview } from './attention.ts';
import { ops as causalConv } from './causal-conv.ts';
import { ops as centerCropPad } from './center-crop-pad.ts';
import { ops as col2im } from './col2im.ts';
import { ops as conv } from './conv.ts';
import { ops as convTranspose } from './conv-transpose.ts';
import { ops as cumulative } from './cumulative.ts';
import { ops as deformConv } from './deform-conv.ts';
import { ops as einsum } from './einsum.ts';
import { ops as fourier } from './fourier.ts';
import { ops as linear } from './linear.ts';
import { ops as linearAttention } from './linear-attention.ts';
import { ops as lpPool } from './lp-pool.ts';
import { ops as lrn } from './lrn.ts';
import { ops as maxPool } from './max-pool.ts';
import { ops as mlEncode } from './ml-encode.ts';
import { ops as mlFeatures } from './ml-features.ts';
import { ops as mlLinear } from './ml-linear.ts';
import { ops as mlRefused } from './ml-refused.ts';
import { ops as mlScale } from './ml-scale.ts';
import { ops as mlSvm } from './ml-svm.ts';
import { ops as mlTree } from './ml-tree.ts';
import { ops as mlTreeEnsemble } from './ml-tree-ensemble.ts';
import { ops as normalise } from './normalise.ts';
import { ops as normaliseBatch } from './normalise-batch.ts';
import { ops as pool } from './pool.ts';
import { ops as recurrent } from './recurrent.ts';
import { ops as reduceLog } from './reduce-log.ts';
import { ops as reduceSum } from './reduce-sum.ts';
import { ops as resize } from './resize.ts';
import { ops as roiAlign } from './roi-align.ts';
import { ops as rotaryEmbedding } from './rotary-embedding.ts';
import { ops as sampleGrid } from './sample-grid.ts';
import { ops as smooth } from './smooth.ts';
import { ops as softmax } from './softmax.ts';
import { ops as spectralWindow } from './spectral-window.ts';

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
  ['ai.onnx.ml', mlRefused],
  ['ai.onnx.ml', mlScale],
  ['ai.onnx.ml', mlSvm],
  ['ai.onnx.ml', mlTree],
  ['ai.onnx.ml', mlTreeEnsemble],
  ['', attention],
  ['ai.onnx.preview', attentionPreview],
  ['', linearAttention],
  ['', lrn],
  ['', normalise],
  ['', recurrent],
  ['', reduceLog],
  ['', rotaryEmbedding],
  ['', smooth],
  ['', softmax],
];

const handlers = new Map<string, OpHandler>(
  tables.flatMap(([domain, table]) =>
    Object.entries(table).map(([op, handler]) => [`${domain}:${op}`, handler] as const),
  ),
);

export function handlerOf(domain: string, op: string): OpHandler | undefined {
  return handlers.get(`${domain}:${op}`);
}

/** Every supported operator as `domain:Name`, sorted. */
export function supportedOps(): string[] {
  return [...handlers.keys()].sort();
}

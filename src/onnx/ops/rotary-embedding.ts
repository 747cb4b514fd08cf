import type { ValueId } from '../../graph/builder.ts';
import { combine, compare, multiply, retype } from '../../graph/compose/arithmetic.ts';
import { joinHeads, splitHeads } from '../../graph/compose/heads.ts';
import { concat, constant, reshape, slice, transpose } from '../../graph/compose/movement.ts';
import { batchedProduct } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { input, inputShape, type OpContext, type OpTable, optional } from '../op.ts';

/** Rotates pairs of features by position-dependent angles whose cosines and sines are given. */
function rotaryEmbedding(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const packed = inputShape(context, 0).length === 3;
  const x = packed ? splitHeads(b, input(context, 0), attributes.int('num_heads')) : input(context, 0);
  const [batch, , length, size] = b.shape(x);
  const given = attributes.int('rotary_embedding_dim', 0);
  const rotated = given === 0 ? size : given;
  const half = rotated / 2;
  const interleaved = attributes.int('interleaved', 0) === 1;
  const step = interleaved ? 2 : 1;
  const first = slice(b, x, 3, 0, half, step);
  const second = slice(b, x, 3, interleaved ? 1 : half, half, step);
  const [cos, sin] = [1, 2].map((i) => reshape(b, cacheRows(context, i), [batch, 1, length, half]));
  const real = combine(b, [multiply(b, first, cos), multiply(b, second, sin)], [1, -1]);
  const imaginary = combine(b, [multiply(b, first, sin), multiply(b, second, cos)], [1, 1]);
  const turned = interleaved ? interleave(context, real, imaginary) : concat(b, [real, imaginary], 3);
  const y = rotated === size ? turned : concat(b, [turned, slice(b, x, 3, rotated, size - rotated)], 3);
  return [packed ? joinHeads(b, y) : y];
}

/** The cache rows of each position: as given, or looked up by position ids (by one equality per row if computed). */
function cacheRows(context: OpContext, operand: number): ValueId {
  const { b } = context;
  const cache = input(context, operand);
  const ids = optional(context, 3);
  if (ids === undefined) return cache;
  const [rows, n] = b.shape(cache);
  const m = sizeOf(b.shape(ids));
  const known = constant(
    b,
    [1, rows],
    Float64Array.from({ length: rows }, (_, i) => i),
    b.dtype(ids),
  );
  const chosen = retype(b, compare(b, 'eq', reshape(b, ids, [m, 1]), known), b.dtype(cache));
  return batchedProduct(b, chosen, cache, { batch: 1, m, k: rows, n });
}

function interleave({ b }: OpContext, even: ValueId, odd: ValueId): ValueId {
  const [batch, heads, length, half] = b.shape(even);
  const pairs = concat(
    b,
    [even, odd].map((v) => reshape(b, v, [batch, heads, length, 1, half])),
    3,
  );
  return reshape(b, transpose(b, pairs, [0, 1, 2, 4, 3]), [batch, heads, length, 2 * half]);
}

export const ops: OpTable = { RotaryEmbedding: rotaryEmbedding };

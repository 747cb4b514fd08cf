import type { GraphBuilder, ValueId } from '../builder.ts';
import { broadcastTo, reshape, transpose } from './movement.ts';
import { batchedProduct } from './product.ts';

/** [batch, length, heads·size] → [batch, heads, length, size]. */
export function splitHeads(b: GraphBuilder, x: ValueId, heads: number): ValueId {
  const [batch, length, width] = b.shape(x);
  return transpose(b, reshape(b, x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, length, size] → [batch, length, heads·size]. */
export function joinHeads(b: GraphBuilder, x: ValueId): ValueId {
  const [batch, heads, length, size] = b.shape(x);
  return reshape(b, transpose(b, x, [0, 2, 1, 3]), [batch, length, heads * size]);
}

/** Repeats each head so that groups of query heads share it: h0, h0, h1, h1, … */
export function repeatHeads(b: GraphBuilder, x: ValueId, heads: number): ValueId {
  const [batch, own, ...rest] = b.shape(x);
  if (own === heads) return x;
  const wide = broadcastTo(b, reshape(b, x, [batch, own, 1, ...rest]), [batch, own, heads / own, ...rest]);
  return reshape(b, wide, [batch, heads, ...rest]);
}

/** Matrix product of the last two axes, the first two being equal: [batch, heads, m, k] × [batch, heads, k, n]. */
export function productPerHead(b: GraphBuilder, left: ValueId, right: ValueId): ValueId {
  const [batch, heads, m, k] = b.shape(left);
  const n = b.shape(right)[3];
  return reshape(b, batchedProduct(b, left, right, { batch: batch * heads, m, k, n }), [batch, heads, m, n]);
}

/** Query · keyᵀ per head. */
export function scoresPerHead(b: GraphBuilder, query: ValueId, key: ValueId): ValueId {
  return productPerHead(b, query, transpose(b, key, [0, 1, 3, 2]));
}

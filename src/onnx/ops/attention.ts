import type { ValueId } from '../../graph/builder.ts';
import { add, apply, scale } from '../../graph/compose/arithmetic.ts';
import { choose, keepWhere } from '../../graph/compose/choose.ts';
import { joinHeads, productPerHead, repeatHeads, scoresPerHead, splitHeads } from '../../graph/compose/heads.ts';
import { broadcastTo, concat, filled, move } from '../../graph/compose/movement.ts';
import { softmax } from '../../graph/compose/softmax.ts';
import { anyAllowed, attentionMask } from '../attention-mask.ts';
import { input, inputShape, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Scaled dot-product attention with caches, grouped heads, masks and soft cap. */
function attention(context: OpContext): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const packed = inputShape(context, 0).length === 3;
  const heads = (operand: number, attribute: string): ValueId => {
    const x = input(context, operand);
    return packed ? splitHeads(b, x, attributes.int(attribute)) : x;
  };
  const query = heads(0, 'q_num_heads');
  const key = withCache(context, 4, heads(1, 'kv_num_heads'));
  const value = withCache(context, 5, heads(2, 'kv_num_heads'));
  const [, queryHeads, queries, size] = b.shape(query);
  const [, keyHeads, keys] = b.shape(key);
  if (queryHeads % keyHeads !== 0) throw unshared(queryHeads, keyHeads);
  const raw = scoresPerHead(b, query, repeatHeads(b, key, queryHeads));
  const scaled = scale(b, raw, attributes.has('scale') ? attributes.float('scale') : 1 / Math.sqrt(size));
  const capped = softCap(context, scaled);
  const past = optional(context, 4);
  const { allowed, bias } = attentionMask(b, {
    mask: optional(context, 3),
    lengths: optional(context, 6),
    queries,
    keys,
    past: past === undefined ? 0 : b.shape(past)[2],
    causal: attributes.int('is_causal', 0) === 1,
    window: [attributes.int('left_window_size', -1), attributes.int('right_window_size', -1)],
  });
  const biased = bias === undefined ? capped : add(b, capped, bias);
  const any = allowed === undefined ? undefined : anyAllowed(b, allowed);
  const masked = allowed === undefined ? biased : keepWhere(b, allowed, biased, Number.NEGATIVE_INFINITY);
  const shares = probabilities(context, masked, any);
  const y = productPerHead(b, shares, repeatHeads(b, value, queryHeads));
  const shown = [scaled, capped, masked, shares][attributes.int('qk_matmul_output_mode', 0)];
  return [packed ? joinHeads(b, y) : y, key, value, shown];
}

function withCache(context: OpContext, operand: number, x: ValueId): ValueId {
  const past = optional(context, operand);
  return past === undefined ? x : concat(context.b, [past, x], 2);
}

function softCap({ b, attributes }: OpContext, scores: ValueId): ValueId {
  const cap = attributes.float('softcap', 0);
  return cap > 0 ? scale(b, apply(b, scale(b, scores, 1 / cap), 'tanh'), cap) : scores;
}

/** A query that may attend to no key gets zeros; where that is known beforehand it takes no part in the softmax. */
function probabilities({ b }: OpContext, scores: ValueId, any: ValueId | undefined): ValueId {
  const shape = b.shape(scores);
  const keys = shape[shape.length - 1];
  if (any === undefined) return softmax(b, scores, shape.length - 1);
  const live = b.constant(broadcastTo(b, any, [...shape.slice(0, -1), 1]));
  if (live === undefined)
    return choose(b, any, softmax(b, scores, shape.length - 1), filled(b, [], 0, b.dtype(scores)));
  const rows = Int32Array.from(live.keys()).filter((row) => live[row] !== 0);
  const position = new Map(Array.from(rows, (row, i) => [row, i]));
  const chosen = Int32Array.from(
    { length: rows.length * keys },
    (_, i) => rows[Math.floor(i / keys)] * keys + (i % keys),
  );
  const shares = softmax(b, move(b, [scores], [rows.length, keys], chosen), 1);
  const back = Int32Array.from({ length: live.length * keys }, (_, i) => {
    const row = position.get(Math.floor(i / keys));
    return row === undefined ? -1 : row * keys + (i % keys);
  });
  return move(b, [shares], shape, back);
}

/** Attention whose scores and probabilities may pass through graphs of the model's own. */
function flexAttention(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const [query, key, value] = [0, 1, 2].map((i) => input(context, i));
  const [, heads, , size] = b.shape(query);
  if (heads % b.shape(key)[1] !== 0) throw unshared(heads, b.shape(key)[1]);
  const modified = (name: string, x: ValueId): ValueId => {
    if (!attributes.has(name)) return x;
    const [y] = context.importGraph(attributes.graph(name), [x]);
    return y;
  };
  const raw = scoresPerHead(b, query, repeatHeads(b, key, heads));
  const scores = scale(b, raw, attributes.has('scale') ? attributes.float('scale') : 1 / Math.sqrt(size));
  const shares = softmax(b, modified('score_mod', scores), 3);
  return [productPerHead(b, modified('prob_mod', shares), repeatHeads(b, value, heads))];
}

const unshared = (queryHeads: number, keyHeads: number): UnsupportedError =>
  new UnsupportedError(`${keyHeads} key heads do not divide ${queryHeads} query heads`, 'Re-export the model.');

export const previewOps: OpTable = { FlexAttention: flexAttention };

export const ops: OpTable = { Attention: attention };

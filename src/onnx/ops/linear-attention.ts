import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, apply, multiply, scale, subtract } from '../../graph/compose/arithmetic.ts';
import { joinHeads, productPerHead, repeatHeads, splitHeads } from '../../graph/compose/heads.ts';
import { concat, filled, slice, transpose } from '../../graph/compose/movement.ts';
import { input, inputShape, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The recurrence S ← exp(g)·S + k ⊗ β·(v − Sᵀk), o = scale·Sᵀq, one step per token; g and β by `update_rule`. */
function linearAttention(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const rule = attributes.string('update_rule', 'gated_delta');
  if (!['linear', 'gated', 'delta', 'gated_delta'].includes(rule)) {
    throw new UnsupportedError(`update rule "${rule}" is unknown`, 'Use linear, gated, delta or gated_delta.');
  }
  const queryHeads = attributes.int('q_num_heads');
  const keyHeads = attributes.int('kv_num_heads');
  const query = splitHeads(b, input(context, 0), queryHeads);
  const key = splitHeads(b, input(context, 1), keyHeads);
  const value = splitHeads(b, input(context, 2), keyHeads);
  const [batch, , length, keySize] = b.shape(key);
  const valueSize = b.shape(value)[3];
  const decay = rule.startsWith('gated') ? apply(b, splitHeads(b, input(context, 4), keyHeads), 'exp') : undefined;
  const rate = rule.endsWith('delta') ? splitHeads(b, input(context, 5), inputShape(context, 5)[2]) : undefined;
  const given = attributes.float('scale', 0);
  const factor = given === 0 ? 1 / Math.sqrt(keySize) : given;
  let state = optional(context, 3) ?? filled(b, [batch, keyHeads, keySize, valueSize], 0, b.dtype(query));
  const outputs: ValueId[] = [];
  for (let t = 0; t < length; t++) {
    const at = (x: ValueId): ValueId => slice(b, x, 2, t, 1);
    if (decay !== undefined) state = multiply(b, column(b, at(decay)), state);
    const now = at(value);
    const update =
      rate === undefined ? now : multiply(b, at(rate), subtract(b, now, productPerHead(b, at(key), state)));
    state = add(b, state, multiply(b, column(b, at(key)), update));
    outputs.push(scale(b, productPerHead(b, at(query), repeatHeads(b, state, queryHeads)), factor));
  }
  return [joinHeads(b, concat(b, outputs, 2)), state];
}

/** [batch, heads, 1, n] → [batch, heads, n, 1]. */
const column = (b: GraphBuilder, x: ValueId): ValueId => transpose(b, x, [0, 1, 3, 2]);

export const ops: OpTable = { LinearAttention: linearAttention };

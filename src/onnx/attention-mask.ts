import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { add, compare, multiply } from '../graph/compose/arithmetic.ts';
import { choose } from '../graph/compose/choose.ts';
import { maxOver } from '../graph/compose/linear.ts';
import { constant, filled, move, reshape } from '../graph/compose/movement.ts';
import { type Shape, stridedIndex, stridesOf } from '../tensor/shape.ts';

/** Which keys each query may attend to, and what is added to its scores: both broadcast to [batch, heads, q, kv]. */
export interface AttentionMask {
  /** Booleans; `undefined` when every key is allowed. */
  readonly allowed: ValueId | undefined;
  readonly bias: ValueId | undefined;
}

export interface MaskOperands {
  readonly mask: ValueId | undefined;
  /** Number of keys in use per batch entry, [batch]. */
  readonly lengths: ValueId | undefined;
  readonly queries: number;
  readonly keys: number;
  /** Keys that precede the first query in a cache of known length. */
  readonly past: number;
  readonly causal: boolean;
  /** How far before and after its own position a query sees; −1 for any distance. */
  readonly window: readonly [left: number, right: number];
}

/** Everything that restricts attention, kept apart from what only shifts scores. */
export function attentionMask(b: GraphBuilder, operands: MaskOperands): AttentionMask {
  const { lengths, keys, causal, window } = operands;
  const conditions: ValueId[] = [];
  const given = operands.mask === undefined ? undefined : readMask(b, operands.mask, keys);
  if (given?.allowed !== undefined) conditions.push(given.allowed);
  if (causal) conditions.push(atMost(b, operands, 0));
  if (window[0] >= 0) conditions.push(atLeast(b, operands, -window[0]));
  if (window[1] >= 0) conditions.push(atMost(b, operands, window[1]));
  if (lengths !== undefined)
    conditions.push(compare(b, 'lt', positions(b, [keys], b.dtype(lengths)), perBatch(b, lengths)));
  const allowed = conditions.reduce<ValueId | undefined>(
    (all, condition) => (all === undefined ? condition : multiply(b, all, condition)),
    undefined,
  );
  return { allowed, bias: given?.bias };
}

/** Whether any key is allowed, [..., q, 1]; `undefined` when that is certain. */
export function anyAllowed(b: GraphBuilder, allowed: ValueId): ValueId | undefined {
  const shape = b.shape(allowed);
  const any = reshape(b, maxOver(b, allowed, [shape.length - 1]), [...shape.slice(0, -1), 1]);
  return b.constant(any)?.every((v) => v !== 0) === true ? undefined : any;
}

/** A shorter mask leaves the keys it does not reach disallowed; −∞ in a float mask disallows, too. */
function readMask(b: GraphBuilder, mask: ValueId, keys: number): AttentionMask {
  const boolean = b.dtype(mask) === 'bool';
  const wide = padLast(b, mask, keys, boolean ? 0 : Number.NEGATIVE_INFINITY);
  if (boolean) return { allowed: wide, bias: undefined };
  const dtype = b.dtype(mask);
  const lowest = constant(b, [], Float64Array.of(-Number.MAX_VALUE), dtype);
  const allowed = compare(b, 'le', lowest, wide);
  return { allowed, bias: choose(b, allowed, wide, filled(b, [], 0, dtype)) };
}

function padLast(b: GraphBuilder, x: ValueId, length: number, fill: number): ValueId {
  const shape = b.shape(x);
  const own = shape[shape.length - 1];
  if (own >= length || own === 1) return x;
  const target = [...shape.slice(0, -1), length];
  const source = stridedIndex(target, stridesOf(shape));
  for (let i = 0; i < source.length; i++) if (i % length >= own) source[i] = -1;
  return move(b, [x], target, source, fill);
}

/** key − query ≤ offset + reach, where the offset counts the keys before the first query. */
function atMost(b: GraphBuilder, operands: MaskOperands, reach: number): ValueId {
  const { difference, offset } = relative(b, operands);
  return compare(b, 'le', difference, add(b, offset, filled(b, [], reach, b.dtype(offset))));
}

function atLeast(b: GraphBuilder, operands: MaskOperands, reach: number): ValueId {
  const { difference, offset } = relative(b, operands);
  return compare(b, 'le', add(b, offset, filled(b, [], reach, b.dtype(offset))), difference);
}

/** key − query, [q, kv], and the offset that lines the two counts up: constant, or [batch, 1, 1, 1]. */
function relative(b: GraphBuilder, { queries, keys, past, lengths }: MaskOperands) {
  const dtype = lengths === undefined ? 'int64' : b.dtype(lengths);
  const data = Float64Array.from({ length: queries * keys }, (_, i) => (i % keys) - Math.floor(i / keys));
  const difference = constant(b, [queries, keys], data, dtype);
  const offset =
    lengths === undefined ? filled(b, [], past, dtype) : add(b, perBatch(b, lengths), filled(b, [], -queries, dtype));
  return { difference, offset };
}

const perBatch = (b: GraphBuilder, lengths: ValueId): ValueId => reshape(b, lengths, [b.shape(lengths)[0], 1, 1, 1]);

function positions(b: GraphBuilder, shape: Shape, dtype: ReturnType<GraphBuilder['dtype']>): ValueId {
  return constant(
    b,
    shape,
    Float64Array.from({ length: shape[0] }, (_, i) => i),
    dtype,
  );
}

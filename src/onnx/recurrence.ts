import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { compare } from '../graph/compose/arithmetic.ts';
import { choose } from '../graph/compose/choose.ts';
import { concat, constant, filled, reshape, slice, transpose } from '../graph/compose/movement.ts';
import { batchedProduct } from '../graph/compose/product.ts';
import { input, type OpContext, optional } from './op.ts';
import { type Activation, readActivations } from './recurrent-activation.ts';
import { UnsupportedError } from './unsupported.ts';

/** One direction of a recurrent layer, unrolled: values of shape [batch, …] unless said otherwise. */
export interface Direction {
  readonly b: GraphBuilder;
  readonly hidden: number;
  /** W of [gates·hidden, input], R of [gates·hidden, hidden]. */
  readonly w: ValueId;
  readonly r: ValueId;
  /** Wb and Rb, each [gates·hidden]. */
  readonly wBias: ValueId;
  readonly rBias: ValueId;
  /** Peepholes of an LSTM, [3·hidden]. */
  readonly peepholes: ValueId | undefined;
  readonly activations: readonly Activation[];
}

/** The hidden state, and an LSTM's cell state after it. */
export type State = readonly ValueId[];

/** The next state from the operand of one time step, [batch, input]. */
export type Step = (x: ValueId, state: State) => State;

export interface Layer {
  readonly gates: number;
  /** Position of the optional operands: initial states, and peepholes if there are any. */
  readonly initial: readonly number[];
  readonly peepholes?: number;
  readonly activations: readonly string[];
  readonly step: (context: OpContext, direction: Direction) => Step;
}

/** Unrolls a recurrent layer over its (static) number of time steps. Returns Y, then the last states. */
export function unroll(context: OpContext, layer: Layer): ValueId[] {
  const { b, attributes } = context;
  const batchFirst = attributes.int('layout', 0) === 1;
  const swap = [1, 0, 2];
  const x = batchFirst ? transpose(b, input(context, 0), swap) : input(context, 0);
  const [steps, batch, features] = b.shape(x);
  if (steps === 0) throw new UnsupportedError('the sequence is empty', 'Bind the sequence length to at least 1.');
  const [directions, , hidden] = b.shape(input(context, 2));
  const order = reversals(attributes.string('direction', 'forward'), directions);
  const activations = readActivations(attributes, layer.activations, directions);
  const lengths = optional(context, 4);
  const results = order.map((reverse, d) => {
    const direction = readDirection(context, layer, d, activations[d]);
    const step = layer.step(context, direction);
    let state: State = layer.initial.map((operand) => initialState(context, operand, d, [batch, hidden]));
    const outputs = new Array<ValueId>(steps);
    for (let i = 0; i < steps; i++) {
      const t = reverse ? steps - 1 - i : i;
      const now = reshape(b, slice(b, x, 0, t, 1), [batch, features]);
      const next = step(now, state);
      const within = lengths === undefined ? undefined : isWithin(b, t, lengths);
      outputs[t] = within === undefined ? next[0] : choose(b, within, next[0], filled(b, [], 0, b.dtype(x)));
      state = within === undefined ? next : next.map((value, s) => choose(b, within, value, state[s]));
    }
    return { outputs, state };
  });
  const rows = Array.from({ length: steps }, (_, t) =>
    results.map(({ outputs }) => reshape(b, outputs[t], [1, 1, batch, hidden])),
  );
  const y = concat(
    b,
    rows.map((row) => concat(b, row, 1)),
    0,
  );
  const last = layer.initial.map((_, s) =>
    concat(
      b,
      results.map(({ state }) => reshape(b, state[s], [1, batch, hidden])),
      0,
    ),
  );
  if (!batchFirst) return [y, ...last];
  return [transpose(b, y, [2, 0, 1, 3]), ...last.map((value) => transpose(b, value, swap))];
}

function reversals(direction: string, directions: number): readonly boolean[] {
  const order = { forward: [false], reverse: [true], bidirectional: [false, true] }[direction];
  if (order?.length === directions) return order;
  throw new UnsupportedError(`direction "${direction}" with ${directions} sets of weights`, 'Re-export the model.');
}

function readDirection(context: OpContext, layer: Layer, d: number, activations: readonly Activation[]): Direction {
  const { b } = context;
  const [, rows, features] = b.shape(input(context, 1));
  const [, , hidden] = b.shape(input(context, 2));
  const size = layer.gates * hidden;
  if (rows !== size) {
    throw new UnsupportedError(`W has ${rows} rows, expected ${layer.gates}·${hidden}`, 'Re-export the model.');
  }
  const own = (id: ValueId, shape: readonly number[]): ValueId => reshape(b, slice(b, id, 0, d, 1), shape);
  const bias = optional(context, 3);
  const biases = bias === undefined ? filled(b, [2 * size], 0, b.dtype(input(context, 0))) : own(bias, [2 * size]);
  const peepholes = layer.peepholes === undefined ? undefined : optional(context, layer.peepholes);
  return {
    b,
    hidden,
    w: own(input(context, 1), [size, features]),
    r: own(input(context, 2), [size, hidden]),
    wBias: slice(b, biases, 0, 0, size),
    rBias: slice(b, biases, 0, size, size),
    peepholes: peepholes === undefined ? undefined : own(peepholes, [3 * hidden]),
    activations,
  };
}

function initialState(context: OpContext, operand: number, d: number, shape: readonly number[]): ValueId {
  const { b, attributes } = context;
  const given = optional(context, operand);
  if (given === undefined) return filled(b, shape, 0, b.dtype(input(context, 0)));
  return reshape(b, slice(b, given, attributes.int('layout', 0), d, 1), shape);
}

/** Whether time step t lies within each sequence, [batch, 1]. */
function isWithin(b: GraphBuilder, t: number, lengths: ValueId): ValueId {
  const column = reshape(b, lengths, [b.shape(lengths)[0], 1]);
  return compare(b, 'lt', constant(b, [], Float64Array.of(t), b.dtype(lengths)), column);
}

/** x·Wᵀ for x of [batch, k] and W of [rows, k]. */
export function timesTransposed(b: GraphBuilder, x: ValueId, w: ValueId): ValueId {
  const [m, k] = b.shape(x);
  const [n] = b.shape(w);
  return reshape(b, batchedProduct(b, x, transpose(b, w, [1, 0]), { batch: 1, m, k, n }), [m, n]);
}

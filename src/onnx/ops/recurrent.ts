import type { ValueId } from '../../graph/builder.ts';
import { add, clip, combine, multiply, not, subtract } from '../../graph/compose/arithmetic.ts';
import { slice } from '../../graph/compose/movement.ts';
import type { OpContext, OpTable } from '../op.ts';
import { type Direction, type Layer, timesTransposed, unroll } from '../recurrence.ts';

/** Gate i of [batch, gates·hidden], or of a vector of gates. */
function gate({ b, hidden }: Direction, gates: ValueId, i: number, count = 1): ValueId {
  const rank = b.shape(gates).length;
  return slice(b, gates, rank - 1, i * hidden, count * hidden);
}

/** Activation i of the direction; `clip` bounds what it is applied to. */
function activate(context: OpContext, { b, activations }: Direction, i: number, x: ValueId): ValueId {
  if (!context.attributes.has('clip')) return activations[i](b, x);
  const limit = context.attributes.float('clip');
  return activations[i](b, clip(b, x, -limit, limit));
}

/** x·Wᵀ + h·Rᵀ + Wb + Rb, for all gates at once. */
function preactivation({ b, w, r, wBias, rBias }: Direction, x: ValueId, h: ValueId): ValueId {
  return add(b, add(b, timesTransposed(b, x, w), add(b, wBias, rBias)), timesTransposed(b, h, r));
}

const rnn: Layer = {
  gates: 1,
  initial: [5],
  activations: ['Tanh'],
  step:
    (context, direction) =>
    (x, [h]) => [activate(context, direction, 0, preactivation(direction, x, h))],
};

const gru: Layer = {
  gates: 3,
  initial: [5],
  activations: ['Sigmoid', 'Tanh'],
  step: (context, direction) => {
    const { b, r, wBias, rBias, hidden } = direction;
    const resetLast = context.attributes.int('linear_before_reset', 0) !== 0;
    const rows = (first: number, count: number): ValueId => slice(b, r, 0, first * hidden, count * hidden);
    return (x, [h]) => {
      const fromX = add(b, timesTransposed(b, x, direction.w), wBias);
      const fromH = add(b, timesTransposed(b, h, rows(0, 2)), gate(direction, rBias, 0, 2));
      const gates = activate(context, direction, 0, add(b, gate(direction, fromX, 0, 2), fromH));
      const [update, reset] = [gate(direction, gates, 0), gate(direction, gates, 1)];
      const carried = (state: ValueId): ValueId =>
        add(b, timesTransposed(b, state, rows(2, 1)), gate(direction, rBias, 2));
      const recurrent = resetLast ? multiply(b, reset, carried(h)) : carried(multiply(b, reset, h));
      const candidate = activate(context, direction, 1, add(b, gate(direction, fromX, 2), recurrent));
      return [add(b, candidate, multiply(b, update, subtract(b, h, candidate)))];
    };
  },
};

/** Gates in the order input, output, forget, cell; peepholes input, output, forget. */
const lstm: Layer = {
  gates: 4,
  initial: [5, 6],
  peepholes: 7,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  step: (context, direction) => {
    const { b, peepholes } = direction;
    const coupled = context.attributes.int('input_forget', 0) !== 0;
    const peep = (gates: ValueId, i: number, cell: ValueId): ValueId => {
      const own = gate(direction, gates, i);
      return peepholes === undefined ? own : add(b, own, multiply(b, cell, gate(direction, peepholes, i)));
    };
    return (x, [h, cell]) => {
      const gates = preactivation(direction, x, h);
      const entering = activate(context, direction, 0, peep(gates, 0, cell));
      const kept = coupled ? not(b, entering) : activate(context, direction, 0, peep(gates, 2, cell));
      const candidate = activate(context, direction, 1, gate(direction, gates, 3));
      const next = combine(b, [multiply(b, kept, cell), multiply(b, entering, candidate)], [1, 1]);
      const leaving = activate(context, direction, 0, peep(gates, 1, next));
      return [multiply(b, leaving, activate(context, direction, 2, next)), next];
    };
  },
};

export const ops: OpTable = {
  RNN: (context) => unroll(context, rnn),
  GRU: (context) => unroll(context, gru),
  LSTM: (context) => unroll(context, lstm),
};

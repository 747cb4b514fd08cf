import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import {
  add,
  clip,
  combine,
  compare,
  multiply,
  relu,
  scale,
  select,
  subtract,
} from '../../graph/compose/arithmetic.ts';
import { filled, reshape } from '../../graph/compose/movement.ts';
import { isReal } from '../../tensor/dtype.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** x where it is positive, slope·x elsewhere, without a choice: slope·x + (1 − slope)·relu(x). */
function leakyRelu(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const slope = attributes.float('alpha', 0.01);
  return [combine(b, [x, relu(b, x)], [slope, 1 - slope])];
}

/** Like LeakyRelu with a slope per element or channel, constant or computed: relu(x) + slope·(x − relu(x)). */
function pRelu(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const slope = slopeOf(context, x);
  const positive = relu(b, x);
  const fixed = b.constant(slope);
  if (fixed === undefined) return [add(b, positive, multiply(b, slope, subtract(b, x, positive)))];
  const rest = subtract(b, filled(b, b.shape(slope), 1, b.dtype(x)), slope);
  return [add(b, multiply(b, x, slope), multiply(b, positive, rest))];
}

/** Before opset 7 the slope ran along the channels, since then it broadcasts to x. */
function slopeOf(context: OpContext, x: ValueId): ValueId {
  const { b, opset } = context;
  const slope = input(context, 1);
  const [channels, ...others] = b.shape(slope);
  const rank = b.shape(x).length;
  if (opset >= 7 || others.length > 0 || channels === 1 || rank < 2) return slope;
  return reshape(b, slope, [channels, ...new Array<number>(rank - 2).fill(1)]);
}

function thresholdedRelu(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const threshold = attributes.float('alpha', 1);
  return [threshold === 0 ? relu(b, x) : select(b, isAbove(b, x, threshold), x, filled(b, [], 0, b.dtype(x)))];
}

const isAbove = (b: GraphBuilder, x: ValueId, threshold: number): ValueId =>
  compare(b, 'lt', filled(b, [], threshold, b.dtype(x)), x);

function hardSigmoid(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const line = scale(b, input(context, 0), attributes.float('alpha', 0.2), attributes.float('beta', 0.5));
  return [clip(b, line, 0, 1)];
}

function hardSwish(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  return [multiply(b, x, clip(b, scale(b, x, 1 / 6, 0.5), 0, 1))];
}

/** x moved towards 0 by `bias` outside ±lambd, 0 inside; continuous, and cheaper, where the two are equal. */
function shrink(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const dtype = b.dtype(x);
  const bias = attributes.float('bias', 0);
  const lambd = attributes.float('lambd', 0.5);
  if (!isReal(dtype) && !Number.isInteger(bias)) {
    throw new UnsupportedError(`bias ${bias} is no ${dtype}`, 'Cast the operand to float32 first.');
  }
  if (lambd < 0) throw new UnsupportedError(`lambd ${lambd} is negative`, 'Use a threshold of at least 0.');
  if (bias === lambd) return [subtract(b, x, clip(b, x, -lambd, lambd))];
  const isBelow = compare(b, 'lt', x, filled(b, [], -lambd, dtype));
  const inner = select(b, isAbove(b, x, lambd), scale(b, x, 1, -bias), filled(b, [], 0, dtype));
  return [select(b, isBelow, scale(b, x, 1, bias), inner)];
}

export const ops: OpTable = {
  LeakyRelu: leakyRelu,
  PRelu: pRelu,
  ThresholdedRelu: thresholdedRelu,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Shrink: shrink,
};

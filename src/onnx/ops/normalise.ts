import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { add, clip, multiply, scale, sqrt } from '../../graph/compose/arithmetic.ts';
import { magnitude } from '../../graph/compose/magnitude.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { centred, keptMean, keptSum, normaliseRows, square } from '../../graph/compose/normalise.ts';
import { inverse } from '../../graph/compose/softmax.ts';
import { normaliseAxis, type Shape, sizeOf } from '../../tensor/shape.ts';
import { input, inputShape, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Axes `axis` … rank − 1. */
function trailingAxes(context: OpContext): number[] {
  const rank = inputShape(context, 0).length;
  const first = normaliseAxis(context.attributes.int('axis', -1), rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

function epsilonOf(context: OpContext): number {
  const epsilon = context.attributes.float('epsilon', 1e-5);
  if (epsilon >= 0) return epsilon;
  throw new UnsupportedError(`epsilon is ${epsilon}`, 'Use a positive epsilon.');
}

function scaleAndShift(b: GraphBuilder, y: ValueId, gain: ValueId, bias: ValueId | undefined): ValueId {
  const scaled = multiply(b, y, gain);
  return bias === undefined ? scaled : add(b, scaled, bias);
}

function layerNormalization(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const axes = trailingAxes(context);
  const { y, inverseDeviation } = normaliseRows(b, centred(b, x, axes), axes, epsilonOf(context));
  const mean = context.isRead(1) ? keptMean(b, x, axes) : x;
  return [scaleAndShift(b, y, input(context, 1), optional(context, 2)), mean, inverseDeviation];
}

function rmsNormalization(context: OpContext): ValueId[] {
  const { y } = normaliseRows(context.b, input(context, 0), trailingAxes(context), epsilonOf(context));
  return [scaleAndShift(context.b, y, input(context, 1), undefined)];
}

/** One value per channel, to broadcast over [batch, channels, …]. */
function perChannel(b: GraphBuilder, x: ValueId, shape: Shape): ValueId {
  return reshape(b, x, [sizeOf(b.shape(x)), ...shape.slice(2).map(() => 1)]);
}

function instanceNormalization(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const axes = shape.map((_, axis) => axis).slice(2);
  const { y } = normaliseRows(b, centred(b, x, axes), axes, epsilonOf(context));
  const [gain, bias] = [1, 2].map((i) => perChannel(b, input(context, i), shape));
  return [scaleAndShift(b, y, gain, bias)];
}

/** Scale and bias are per group in opset 18, per channel since 21. */
function groupNormalization(context: OpContext): ValueId[] {
  const { b, attributes, opset } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const groups = attributes.int('num_groups');
  if (groups < 1 || shape[1] % groups !== 0) {
    throw new UnsupportedError(`${groups} groups do not divide ${shape[1]} channels`, 'Re-export the model.');
  }
  const grouped = reshape(b, x, [shape[0], groups, sizeOf(shape.slice(1)) / groups]);
  const { y } = normaliseRows(b, centred(b, grouped, [2]), [2], epsilonOf(context));
  const [gain, bias] = [input(context, 1), input(context, 2)];
  if (opset < 21) {
    const [perGroup, offset] = [gain, bias].map((v) => reshape(b, v, [groups, 1]));
    return [reshape(b, scaleAndShift(b, y, perGroup, offset), shape)];
  }
  return [scaleAndShift(b, reshape(b, y, shape), perChannel(b, gain, shape), perChannel(b, bias, shape))];
}

/** The deviation is shifted by 1e-9, not the variance. */
function meanVarianceNormalization(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const axes = attributes.ints('axes', [0, 2, 3]).map((axis) => normaliseAxis(axis, b.shape(x).length));
  const deviations = centred(b, x, axes);
  const deviation = scale(b, sqrt(b, keptMean(b, square(b, deviations), axes)), 1, 1e-9);
  return [multiply(b, deviations, inverse(b, deviation))];
}

/** Rows of zeros stay zero: a norm below the smallest normal float32 is taken as that, which changes no other row. */
function lpNormalization(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const axis = normaliseAxis(attributes.int('axis', -1), b.shape(x).length);
  const p = attributes.int('p', 2);
  if (p !== 1 && p !== 2) throw new UnsupportedError(`p is ${p}`, 'Only the norms p = 1 and p = 2 are defined.');
  const norm = p === 2 ? sqrt(b, keptSum(b, square(b, x), [axis])) : keptSum(b, magnitude(b, x), [axis]);
  return [multiply(b, x, inverse(b, clip(b, norm, 2 ** -126, Number.POSITIVE_INFINITY)))];
}

export const ops: OpTable = {
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
};

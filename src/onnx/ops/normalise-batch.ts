import type { ValueId } from '../../graph/builder.ts';
import { add, divide, multiply, scale, sqrt, subtract } from '../../graph/compose/arithmetic.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** factor·x + offset per channel, with factor = scale / sqrt(var + ε): free when the statistics are constant. */
function batchNormalization(context: OpContext): ValueId[] {
  const { b, attributes, opset } = context;
  if (isTraining(context)) {
    throw new UnsupportedError('the node is in training mode', 'Export the model in evaluation mode (model.eval()).');
  }
  const x = input(context, 0);
  const [, channels, ...spatial] = b.shape(x);
  const perElement = opset < 9 && attributes.int('spatial', 1) === 0;
  const shape = perElement ? [channels, ...spatial] : [channels, ...spatial.map(() => 1)];
  const [gain, bias, mean, variance] = [1, 2, 3, 4].map((i) => reshape(b, input(context, i), shape));
  const factor = divide(b, gain, sqrt(b, scale(b, variance, 1, attributes.float('epsilon', 1e-5))));
  return [add(b, multiply(b, x, factor), subtract(b, bias, multiply(b, mean, factor)))];
}

function isTraining({ attributes, opset, outputCount }: OpContext): boolean {
  if (opset >= 14) return attributes.int('training_mode', 0) === 1;
  if (opset < 7) return attributes.int('is_test', 0) === 0;
  return outputCount > 1;
}

export const ops: OpTable = { BatchNormalization: batchNormalization };

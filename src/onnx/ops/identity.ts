import type { ValueId } from '../../graph/builder.ts';
import { filled } from '../../graph/compose/movement.ts';
import { input, inputShape, type OpContext, type OpTable, optionalConstant } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** At inference nothing is dropped: the mask (boolean since opset 10) is true everywhere. */
function dropout(context: OpContext): ValueId[] {
  const { attributes, b, opset } = context;
  const training =
    opset < 7 ? attributes.int('is_test', 0) === 0 : optionalConstant(context, 2, 'training_mode')?.[0] === 1;
  if (training) {
    throw new UnsupportedError('is exported for training', 'Export the model for inference: model.eval() in PyTorch.');
  }
  const x = input(context, 0);
  return [x, filled(b, inputShape(context, 0), 1, opset < 10 ? b.dtype(x) : 'bool')];
}

export const ops: OpTable = {
  Identity: (context) => [input(context, 0)],
  Dropout: dropout,
};

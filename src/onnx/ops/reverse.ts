import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { move } from '../../graph/compose/movement.ts';
import { ShapeError, sizeOf, stridesOf } from '../../tensor/shape.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';

/** Each row's first elements along the time axis in reverse, as many as its constant length says. */
function reverseSequence(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const lengths = constantInput(context, 1, 'sequence_lens');
  const timeAxis = attributes.int('time_axis', 0);
  const batchAxis = attributes.int('batch_axis', 1);
  if (timeAxis + batchAxis !== 1 || timeAxis * batchAxis !== 0 || lengths.length !== shape[batchAxis]) {
    throw new ShapeError(`${lengths.length} lengths along axes ${batchAxis} and ${timeAxis} of [${shape}]`);
  }
  return [reversed(b, input(context, 0), timeAxis, batchAxis, lengths)];
}

function reversed(b: GraphBuilder, x: ValueId, timeAxis: number, batchAxis: number, lengths: Float64Array): ValueId {
  const shape = b.shape(x);
  const strides = stridesOf(shape);
  const source = new Int32Array(sizeOf(shape));
  for (let i = 0; i < source.length; i++) {
    const time = Math.floor(i / strides[timeAxis]) % shape[timeAxis];
    const length = lengths[Math.floor(i / strides[batchAxis]) % shape[batchAxis]];
    if (!(length >= 0 && length <= shape[timeAxis])) throw new ShapeError(`a sequence of ${length} in [${shape}]`);
    source[i] = time < length ? i + (length - 1 - 2 * time) * strides[timeAxis] : i;
  }
  return move(b, [x], shape, source);
}

export const ops: OpTable = { ReverseSequence: reverseSequence };

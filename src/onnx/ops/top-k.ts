import type { ValueId } from '../../graph/builder.ts';
import { transpose } from '../../graph/compose/movement.ts';
import { normaliseAxis, sizeOf } from '../../tensor/shape.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Values and indices in order along the axis; unsorted results (`sorted` = 0) may come in any order, so also in this. */
function topK(context: OpContext): ValueId[] {
  const { b, attributes, opset } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const axis = normaliseAxis(attributes.int('axis', -1), shape.length);
  const k = opset < 10 ? attributes.int('k') : constantInput(context, 1, 'k')[0];
  const largest = opset < 11 || attributes.int('largest', 1) === 1;
  const length = shape[axis];
  if (!(k >= 0 && k <= length)) {
    throw new UnsupportedError(`k = ${k} of ${length} elements`, 'Choose k between 0 and the size of the axis.');
  }
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  const kept = others.map((i) => shape[i]);
  const rows = sizeOf(kept);
  const inputs = [transpose(b, x, [...others, axis])];
  const node = { kind: 'topk' as const, inputs, shape: [...kept, k], rows, length, k, largest };
  const back = shape.map((_, i) => (i === axis ? shape.length - 1 : i < axis ? i : i - 1));
  return [
    transpose(b, b.push({ ...node, dtype: b.dtype(x), result: 'values' }), back),
    transpose(b, b.push({ ...node, dtype: 'int64', result: 'indices' }), back),
  ];
}

export const ops: OpTable = { TopK: topK };

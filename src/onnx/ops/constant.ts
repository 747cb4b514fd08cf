import type { ValueId } from '../../graph/builder.ts';
import { filled, constant as fixed } from '../../graph/compose/movement.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { NumericTensor, OnnxTensor } from '../model.ts';
import { axisList, constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { roundedIntegers } from '../rounded-integers.ts';
import { UnsupportedError } from '../unsupported.ts';

/** A tensor in one of seven attributes. */
function constant({ attributes, b }: OpContext): ValueId[] {
  for (const name of ['value', 'sparse_value']) {
    if (!attributes.has(name)) continue;
    const { data, dims, dtype } = numbers(attributes.tensor(name));
    return [fixed(b, dims, data, dtype)];
  }
  const scalar = (value: number, dtype: 'float32' | 'int64'): ValueId[] => [filled(b, [], value, dtype)];
  const list = (values: readonly number[], dtype: 'float32' | 'int64'): ValueId[] => [
    fixed(b, [values.length], Float64Array.from(values), dtype),
  ];
  if (attributes.has('value_float')) return scalar(attributes.float('value_float'), 'float32');
  if (attributes.has('value_int')) return scalar(attributes.int('value_int'), 'int64');
  if (attributes.has('value_floats')) return list(attributes.floats('value_floats'), 'float32');
  if (attributes.has('value_ints')) return list(attributes.ints('value_ints'), 'int64');
  if (attributes.has('value_string') || attributes.has('value_strings')) throw strings();
  throw new UnsupportedError('a constant without a value', 'Re-export the model.');
}

function numbers(tensor: OnnxTensor): NumericTensor {
  if (tensor.dtype === 'string') throw strings();
  const rounded = roundedIntegers(tensor);
  if (rounded !== undefined) throw rounded;
  return tensor;
}

const strings = (): UnsupportedError =>
  new UnsupportedError('holds strings', 'Encode strings as numbers before export.');

/** One value (float 0 by default) in a shape that is known at compile time. */
function constantOfShape(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = axisList(context, 0, 'shape');
  const tensor = attributes.has('value') ? numbers(attributes.tensor('value')) : undefined;
  return [filled(b, shape, tensor?.data[0] ?? 0, tensor?.dtype ?? 'float32')];
}

/** start, start + delta, … up to but without limit. */
function range(context: OpContext): ValueId[] {
  const { b } = context;
  const [start] = constantInput(context, 0, 'start');
  const [limit] = constantInput(context, 1, 'limit');
  const [delta] = constantInput(context, 2, 'delta');
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isFinite(count)) {
    throw new UnsupportedError(`a range from ${start} to ${limit} by ${delta} has no end`, 'Check its operands.');
  }
  const data = new Float64Array(sizeOf([count]));
  for (let i = 0; i < count; i++) data[i] = start + i * delta;
  return [fixed(b, [count], data, b.dtype(input(context, 0)))];
}

export const ops: OpTable = { Constant: constant, ConstantOfShape: constantOfShape, Range: range };

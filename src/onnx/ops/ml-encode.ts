import type { ValueId } from '../../graph/builder.ts';
import { match } from '../../graph/compose/lookup.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Attributes } from '../attributes.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

interface NumberList {
  readonly data: Float64Array;
  readonly dtype: DType;
}

/** Keys or values of a mapping, which may be attributes of three types or a tensor. */
function readList(attributes: Attributes, what: 'keys' | 'values'): NumberList {
  if (attributes.has(`${what}_tensor`)) {
    const tensor = attributes.tensor(`${what}_tensor`);
    if (tensor.dtype === 'string') throw strings(what);
    return { data: tensor.data, dtype: tensor.dtype };
  }
  if (attributes.has(`${what}_int64s`)) {
    return { data: Float64Array.from(attributes.ints(`${what}_int64s`)), dtype: 'int64' };
  }
  if (attributes.has(`${what}_floats`)) {
    return { data: Float64Array.from(attributes.floats(`${what}_floats`)), dtype: 'float32' };
  }
  throw strings(what);
}

function readDefault(attributes: Attributes, dtype: DType): number {
  if (!attributes.has('default_tensor')) {
    return dtype.startsWith('float') ? attributes.float('default_float', 0) : attributes.int('default_int64', -1);
  }
  const tensor = attributes.tensor('default_tensor');
  if (tensor.dtype === 'string' || tensor.data.length !== 1) throw strings('default');
  return tensor.data[0];
}

/** A mapping from numbers to numbers by one equality per key; the first of equal keys counts. */
function labelEncoder(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  if (attributes.has('classes_strings')) throw strings('classes');
  const keys = readList(attributes, 'keys');
  const values = readList(attributes, 'values');
  if (keys.data.length !== values.data.length) {
    throw new UnsupportedError(`${keys.data.length} keys for ${values.data.length} values`, 'Re-export the model.');
  }
  const otherwise = readDefault(attributes, values.dtype);
  if ([...keys.data, ...values.data, otherwise].some((v) => !Number.isFinite(v))) {
    throw new UnsupportedError('a key or value is not a finite number', 'Map finite numbers only.');
  }
  const firstOf = new Map<number, number>();
  for (const [i, key] of keys.data.entries()) if (!firstOf.has(key)) firstOf.set(key, i);
  const first = [...firstOf.values()];
  const pick = (data: Float64Array): Float64Array => Float64Array.from(first, (i) => data[i]);
  return [match(b, x, pick(keys.data), pick(values.data), otherwise, values.dtype)];
}

const strings = (what: string): UnsupportedError =>
  new UnsupportedError(`its ${what} are strings`, 'Encode them as numbers before the model.');

export const ops: OpTable = { LabelEncoder: labelEncoder };

import type { ValueId } from '../../graph/builder.ts';
import { compare, retype } from '../../graph/compose/arithmetic.ts';
import { lookup } from '../../graph/compose/lookup.ts';
import { concat, constant, move, reshape } from '../../graph/compose/movement.ts';
import { isReal } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { allInputs, constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The chosen elements of the last axis; a vector becomes one row. A computed choice needs a constant table. */
function arrayFeatureExtractor(context: OpContext): ValueId[] {
  const { b } = context;
  const [x, chosen] = [input(context, 0), input(context, 1)];
  const shape = b.shape(x);
  const length = shape[shape.length - 1] ?? 0;
  const count = sizeOf(b.shape(chosen));
  const outer = shape.slice(0, -1);
  const target = outer.length === 0 ? [1, count] : [...outer, count];
  const table = b.constant(x);
  if (table !== undefined && sizeOf(outer) === 1 && b.constant(chosen) === undefined) {
    return [reshape(b, lookup(b, chosen, table, b.dtype(x)), target)];
  }
  const index = constantInput(context, 1, 'which columns to take');
  if (index.some((i) => !(i >= 0 && i < length))) {
    throw new UnsupportedError(`an index lies outside an axis of ${length}`, 'Re-export the model.');
  }
  const source = Int32Array.from({ length: sizeOf(target) }, (_, i) => {
    return Math.floor(i / count) * length + index[i % count];
  });
  return [move(b, [x], target, source)];
}

/** Joins its inputs' columns, of each the first `inputdimensions[i]`. */
function featureVectorizer(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const parts = allInputs(context).map((id) => retype(b, id, 'float32'));
  const widths = attributes.ints('inputdimensions', []);
  const tables = parts.map((x, i) => {
    const shape = b.shape(x);
    const rows = shape.length === 1 ? 1 : shape[0];
    const columns = sizeOf(shape) / Math.max(rows, 1);
    const width = widths[i] ?? columns;
    if (shape.length > 2 || width !== columns) {
      throw new UnsupportedError(`input ${i} has shape [${shape}]`, `Give it ${width} columns.`);
    }
    return reshape(b, x, [rows, columns]);
  });
  return [concat(b, tables, 1)];
}

/** One column per category, 1 where the (truncated) value is it; anything else gives zeros. */
function oneHotEncoder(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const categories = attributes.ints('cats_int64s', []);
  if (categories.length === 0) {
    const fix = 'Encode the categories as numbers before the model.';
    throw new UnsupportedError('its categories are strings', fix);
  }
  const shape = b.shape(x);
  const whole = isReal(b.dtype(x))
    ? b.push({ kind: 'round', inputs: [x], shape, dtype: b.dtype(x), mode: 'trunc' })
    : x;
  const keys = constant(b, [categories.length], Float64Array.from(categories), b.dtype(x));
  const equal = compare(b, 'eq', reshape(b, whole, [...shape, 1]), keys);
  return [retype(b, equal, 'float32')];
}

export const ops: OpTable = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  FeatureVectorizer: featureVectorizer,
  OneHotEncoder: oneHotEncoder,
};

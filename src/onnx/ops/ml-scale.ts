import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { compare, divide, multiply, retype, select, sqrt } from '../../graph/compose/arithmetic.ts';
import { keepAxes, maxOver, sumOver } from '../../graph/compose/linear.ts';
import { magnitude } from '../../graph/compose/magnitude.ts';
import { constant, filled, reshape } from '../../graph/compose/movement.ts';
import { isReal } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { isDistribution } from '../ml/distribution.ts';
import { asReal, featureRows } from '../ml/rows.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** (x − offset)·scale per feature, as one map so that it can be folded into what reads it. */
function scaler(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const { x, rows, features } = asReal(context, featureRows(context));
  const offset = perFeature(attributes.floats('offset', []), features, 'offset');
  const factor = perFeature(attributes.floats('scale', []), features, 'scale');
  const size = rows * features;
  const y = b.push({
    kind: 'affine',
    inputs: [x],
    shape: b.shape(input(context, 0)),
    dtype: b.dtype(x),
    groups: size,
    outs: 1,
    positions: 1,
    depth: 1,
    gather: Int32Array.from({ length: size }, (_, i) => i),
    weight: Float64Array.from({ length: size }, (_, i) => factor[i % features]),
    bias: Float64Array.from({ length: size }, (_, i) => -offset[i % features] * factor[i % features]),
  });
  return [y];
}

function perFeature(values: readonly number[], features: number, what: string): readonly number[] {
  if (values.length === features) return values;
  if (values.length === 1) return new Array<number>(features).fill(values[0]);
  const fix = `Give one for all or one for each of the ${features} features.`;
  throw new UnsupportedError(`attribute "${what}" has ${values.length} values`, fix);
}

/** Each row divided by its maximum, its sum of magnitudes or its length; a row where that is 0 stays. */
function normalizer(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const { x } = asReal(context, featureRows(context));
  const norm = attributes.string('norm', 'MAX');
  if (norm === 'L1' && isDistribution(b, x)) return [x];
  const size = reshape(b, rowNorm(b, x, norm), keepAxes(b.shape(x), [1]));
  const zero = filled(b, b.shape(size), 0, b.dtype(x));
  const divisor = select(b, compare(b, 'eq', size, zero), filled(b, b.shape(size), 1, b.dtype(x)), size);
  return [reshape(b, divide(b, x, divisor), b.shape(input(context, 0)))];
}

function rowNorm(b: GraphBuilder, x: ValueId, norm: string): ValueId {
  if (norm === 'MAX') return maxOver(b, x, [1]);
  if (norm === 'L2') return sqrt(b, sumOver(b, multiply(b, x, x), [1]));
  if (norm !== 'L1') throw new UnsupportedError(`norm "${norm}" is unknown`, 'Use MAX, L1 or L2.');
  return sumOver(b, magnitude(b, x), [1]);
}

function binarizer(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const threshold = filled(b, [], attributes.float('threshold', 0), b.dtype(x));
  return [retype(b, compare(b, 'lt', threshold, x), b.dtype(x))];
}

/** Replaces one value. Replacing NaN does nothing, because inputs that are not numbers are refused. */
function imputer(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const real = isReal(b.dtype(x));
  const replaced = real ? attributes.float('replaced_value_float', 0) : attributes.int('replaced_value_int64', 0);
  if (Number.isNaN(replaced)) return [x];
  const shape = b.shape(x);
  const imputed = real ? attributes.floats('imputed_value_floats', []) : attributes.ints('imputed_value_int64s', []);
  const features = shape[shape.length - 1] ?? 1;
  const values = perFeature(imputed, features, real ? 'imputed_value_floats' : 'imputed_value_int64s');
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => values[i % features]);
  const missing = compare(b, 'eq', x, filled(b, shape, replaced, b.dtype(x)));
  return [select(b, missing, constant(b, shape, data, b.dtype(x)), x)];
}

export const ops: OpTable = { Scaler: scaler, Normalizer: normalizer, Binarizer: binarizer, Imputer: imputer };

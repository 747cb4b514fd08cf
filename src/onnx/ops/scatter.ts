import type { ValueId } from '../../graph/builder.ts';
import { normaliseAxis, ShapeError, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { resolveIndex } from '../indices.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable, optionalConstant } from '../op.ts';
import { scatterInto } from '../scatter-into.ts';
import { UnsupportedError } from '../unsupported.ts';
import { flatStarts } from './gather.ts';

/** Each update goes to the index along the axis and its own place along the others. */
function scatterElements(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const indices = constantInput(context, 1, 'indices');
  const from = inputShape(context, 1);
  const axis = normaliseAxis(attributes.int('axis', 0), shape.length);
  if (from.length !== shape.length || sizeOf(from) !== sizeOf(inputShape(context, 2))) {
    throw new ShapeError(`indices [${from}] do not fit data [${shape}] and updates [${inputShape(context, 2)}]`);
  }
  if (from.some((dim, i) => i !== axis && dim > shape[i])) {
    throw new ShapeError(`indices [${from}] reach outside data [${shape}]`);
  }
  const strides = stridesOf(shape);
  const others = strides.map((stride, i) => (i === axis ? 0 : stride));
  const targets = stridedIndex(from, others).map((at, i) => at + resolveIndex(indices[i], shape[axis]) * strides[axis]);
  return [scatterInto(b, input(context, 0), input(context, 2), targets, attributes.string('reduction', 'none'))];
}

/** Each update is a slice that goes to an index tuple. */
function scatterNd(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const from = inputShape(context, 1);
  const depth = from[from.length - 1];
  const starts = indexTuples(context, depth);
  const run = sizeOf(shape.slice(depth));
  if (starts.length * run !== sizeOf(inputShape(context, 2))) {
    throw new ShapeError(`${starts.length} slices of [${shape.slice(depth)}] from updates [${inputShape(context, 2)}]`);
  }
  const targets = new Int32Array(starts.length * run);
  for (let i = 0; i < targets.length; i++) targets[i] = starts[Math.floor(i / run)] * run + (i % run);
  return [scatterInto(b, input(context, 0), input(context, 2), targets, attributes.string('reduction', 'none'))];
}

function indexTuples(context: OpContext, depth: number): Int32Array {
  const shape = inputShape(context, 0);
  const tuples = constantInput(context, 1, 'indices');
  if (!(depth >= 1 && depth <= shape.length)) throw new ShapeError(`index tuples of ${depth} do not fit [${shape}]`);
  return flatStarts(tuples, shape.slice(0, depth));
}

/** Writes [batch, …, n, …] into a cache [batch, …, length, …] at a position per batch element. */
function tensorScatter(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const from = inputShape(context, 1);
  const axis = normaliseAxis(attributes.int('axis', -2), shape.length);
  const mode = attributes.string('mode', 'linear');
  const positions = optionalConstant(context, 2, 'write_indices') ?? new Float64Array(shape[0]);
  if (axis === 0 || from.length !== shape.length || from.some((dim, i) => i !== axis && dim !== shape[i])) {
    throw new ShapeError(`updates [${from}] do not fit the cache [${shape}] along axis ${axis}`);
  }
  if (mode !== 'linear' && mode !== 'circular') {
    throw new UnsupportedError(`mode "${mode}" is not supported`, 'Use linear or circular.');
  }
  const length = shape[axis];
  const strides = stridesOf(shape);
  const others = strides.map((stride, i) => (i === axis ? 0 : stride));
  const base = stridedIndex(from, others);
  const inner = sizeOf(from.slice(axis + 1));
  const perBatch = sizeOf(from.slice(1));
  const targets = base.map((at, i) => {
    const place = positions[Math.floor(i / perBatch)] + (Math.floor(i / inner) % from[axis]);
    return at + resolveIndex(mode === 'circular' ? place % length : place, length) * strides[axis];
  });
  return [scatterInto(b, input(context, 0), input(context, 1), targets, 'none')];
}

export const ops: OpTable = {
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
  TensorScatter: tensorScatter,
};

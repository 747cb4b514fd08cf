import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { multiply, retype, scale } from '../../graph/compose/arithmetic.ts';
import { sumOver } from '../../graph/compose/linear.ts';
import { lookup } from '../../graph/compose/lookup.ts';
import { move, reshape, slice } from '../../graph/compose/movement.ts';
import { normaliseAxis, type Shape, ShapeError, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { countFromFront, oneHot, resolveIndex, resolveIndices } from '../indices.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { matrixProduct } from './linear.ts';

/** Slices along one axis: free for constant indices, otherwise one equality per index and slice. */
function gather(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const data = input(context, 0);
  const index = input(context, 1);
  const shape = inputShape(context, 0);
  if (shape.length === 0) throw new ShapeError('a scalar has no slices to gather');
  return [takeSlices(b, data, index, normaliseAxis(attributes.int('axis', 0), shape.length))];
}

function takeSlices(b: GraphBuilder, data: ValueId, index: ValueId, axis: number): ValueId {
  const shape = b.shape(data);
  const length = shape[axis];
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const target = [...shape.slice(0, axis), ...b.shape(index), ...shape.slice(axis + 1)];
  const fixed = b.constant(index);
  if (fixed !== undefined) {
    const source = new Int32Array(sizeOf(target));
    const starts = resolveIndices(fixed, length);
    let next = 0;
    for (let o = 0; o < outer; o++) {
      for (const start of starts) for (let i = 0; i < inner; i++) source[next++] = (o * length + start) * inner + i;
    }
    return move(b, [data], target, source);
  }
  refuseInfinite(b, data);
  const place = countFromFront(b, index, length);
  const table = b.constant(data);
  if (table !== undefined && table.length === length && length > 0) {
    return reshape(b, lookup(b, place, table, b.dtype(data)), target);
  }
  const hot = retype(b, oneHot(b, place, length), b.dtype(data));
  return reshape(b, matrixProduct(b, hot, reshape(b, data, [outer, length, inner])), target);
}

/** A product with 0 picks nothing else, unless the other factor is infinite. */
function refuseInfinite(b: GraphBuilder, data: ValueId): void {
  if (b.constant(data)?.every(Number.isFinite) ?? true) return;
  throw new UnsupportedError(
    'a computed index picks from a table that is not finite',
    'Replace infinities in the table by large numbers.',
  );
}

/** One element per index, at the index along the axis and its own place along the others. */
function gatherElements(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const data = input(context, 0);
  const index = input(context, 1);
  const shape = inputShape(context, 0);
  const target = inputShape(context, 1);
  const axis = normaliseAxis(attributes.int('axis', 0), shape.length);
  if (shape.length !== target.length || target.some((dim, i) => i !== axis && dim > shape[i])) {
    throw new ShapeError(`indices [${target}] do not fit data [${shape}] along axis ${axis}`);
  }
  const strides = stridesOf(shape);
  const base = stridedIndex(
    target,
    strides.map((stride, i) => (i === axis ? 0 : stride)),
  );
  const fixed = b.constant(index);
  if (fixed !== undefined) {
    const source = base.map((at, i) => at + resolveIndex(fixed[i], shape[axis]) * strides[axis]);
    return [move(b, [data], target, source)];
  }
  refuseInfinite(b, data);
  const length = shape[axis];
  const rows = new Int32Array(sizeOf([base.length, length]));
  for (let i = 0; i < rows.length; i++) rows[i] = base[Math.floor(i / length)] + (i % length) * strides[axis];
  const hot = retype(b, oneHot(b, countFromFront(b, index, length), length), b.dtype(data));
  const picked = sumOver(b, multiply(b, hot, move(b, [data], [base.length, length], rows)), [1]);
  return [reshape(b, picked, target)];
}

/** Slices at index tuples: the tuples become single indices into the axes they span. */
function gatherNd(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const data = input(context, 0);
  const index = input(context, 1);
  const shape = inputShape(context, 0);
  const batchRank = attributes.int('batch_dims', 0);
  const indexShape = inputShape(context, 1);
  const depth = indexShape[indexShape.length - 1];
  const batch = shape.slice(0, batchRank);
  const spanned = shape.slice(batchRank, batchRank + depth);
  const rest = shape.slice(batchRank + depth);
  if (!(depth >= 1) || spanned.length !== depth || batch.some((dim, axis) => dim !== indexShape[axis])) {
    throw new ShapeError(`index tuples [${indexShape}] do not fit data [${shape}]`);
  }
  const target = [...indexShape.slice(0, -1), ...rest];
  const fixed = batchRank > 0 ? constantInput(context, 1, 'indices') : b.constant(index);
  if (fixed === undefined) {
    const flat = reshape(b, data, [sizeOf(spanned), ...rest]);
    return [takeSlices(b, flat, joinTuples(b, index, spanned), 0)];
  }
  const starts = flatStarts(fixed, spanned);
  const perBatch = sizeOf(indexShape.slice(batchRank, -1));
  const run = sizeOf(rest);
  const source = new Int32Array(sizeOf(target));
  for (let i = 0, next = 0; i < starts.length; i++) {
    const origin = (Math.floor(i / perBatch) * sizeOf(spanned) + starts[i]) * run;
    for (let j = 0; j < run; j++) source[next++] = origin + j;
  }
  return [move(b, [data], target, source)];
}

/** The position within `spanned` (not empty) that each tuple of constant indices names. */
export function flatStarts(tuples: Float64Array, spanned: Shape): Int32Array {
  const strides = stridesOf(spanned);
  const depth = spanned.length;
  const starts = new Int32Array(tuples.length / depth);
  for (let i = 0; i < tuples.length; i++) {
    const k = i % depth;
    starts[Math.floor(i / depth)] += resolveIndex(tuples[i], spanned[k]) * strides[k];
  }
  return starts;
}

/** The same for computed tuples [..., depth]: Σ index·stride. */
function joinTuples(b: GraphBuilder, tuples: ValueId, spanned: Shape): ValueId {
  const last = b.shape(tuples).length - 1;
  const strides = stridesOf(spanned);
  const target = b.shape(tuples).slice(0, -1);
  const columns = spanned.map((length, k) =>
    scale(b, countFromFront(b, reshape(b, slice(b, tuples, last, k, 1), target), length), strides[k]),
  );
  return b.push({
    kind: 'add',
    inputs: columns,
    shape: target,
    dtype: b.dtype(tuples),
    coefficients: columns.map(() => 1),
  });
}

export const ops: OpTable = { Gather: gather, GatherElements: gatherElements, GatherND: gatherNd };

import type { ValueId } from '../../graph/builder.ts';
import { compare, retype } from '../../graph/compose/arithmetic.ts';
import { maxOver } from '../../graph/compose/linear.ts';
import { constant, move } from '../../graph/compose/movement.ts';
import { combineSparse, counting } from '../../graph/compose/product.ts';
import { coordinatesOf, sizeOf, stridesOf } from '../../tensor/shape.ts';
import { constantInput, input, type OpContext, type OpTable, optionalConstant } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { windowAttributes } from '../window.ts';
import { globally, type Pool, planeWindows, poolOf, refuseEmptyWindows } from './pool.ts';

function maxPool(context: OpContext): ValueId[] {
  const { b } = context;
  const pool = poolOf(context);
  refuseEmptyWindows(pool.table);
  const gather = planeWindows(pool);
  const { x, shape } = pool;
  const values = b.push({ kind: 'max', inputs: [x], shape, dtype: b.dtype(x), window: pool.table.taps, gather });
  return context.outputCount < 2 ? [values] : [values, maxPositions(context, pool, gather)];
}

/**
 * Where each window has its first maximum, as an index into the whole input. Padded taps repeat the window's first
 * real element, so that they win only where that element does.
 */
function maxPositions({ b, attributes }: OpContext, { x, table, shape, planes }: Pool, gather: Int32Array): ValueId {
  const rows = planes * table.positions;
  const { taps } = table;
  const source = gather.map((at, i) => (at >= 0 ? at : firstInside(gather, i - (i % taps), taps)));
  const windows = move(b, [x], [rows, taps], source);
  const winner = b.push({
    kind: 'argmax',
    inputs: [windows],
    shape: [rows, 1],
    dtype: 'int64',
    rows,
    length: taps,
    tie: 'first',
  });
  const numbers = constant(b, [1, taps], Float64Array.from(counting(taps)), 'int64');
  const chosen = retype(b, compare(b, 'eq', winner, numbers), 'int64');
  const weight = Float64Array.from(source, flatIndex(b.shape(x), attributes.int('storage_order', 0) === 1));
  return combineSparse(b, chosen, shape, { depth: taps, gather: counting(rows * taps), weight });
}

function firstInside(gather: Int32Array, row: number, taps: number): number {
  for (let i = row; i < row + taps; i++) if (gather[i] >= 0) return gather[i];
  return -1;
}

/** Turns a row-major index into what the operator reports: the same, or with each plane read column-major. */
function flatIndex(shape: readonly number[], columnMajor: boolean): (at: number) => number {
  if (!columnMajor) return (at) => at;
  const spatial = shape.slice(2);
  const plane = sizeOf(spatial);
  return (at) => {
    let index = at - (at % plane);
    let step = 1;
    for (const [axis, coordinate] of coordinatesOf(spatial, at % plane).entries()) {
      index += coordinate * step;
      step *= spatial[axis];
    }
    return index;
  };
}

/** Puts each value back where its constant index says, zeros elsewhere. */
function maxUnpool(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const indices = constantInput(context, 1, 'the indices');
  const [batch, channels, ...spatial] = b.shape(x);
  const kernel = attributes.ints('kernel_shape');
  const { strides, padsBegin, padsEnd } = windowAttributes(context, spatial.length);
  const natural = spatial.map(
    (size, axis) => (size - 1) * strides[axis] - padsBegin[axis] - padsEnd[axis] + (kernel[axis] ?? 1),
  );
  const inferred = [batch, channels, ...natural];
  const shape = [...(optionalConstant(context, 2, 'output_shape') ?? inferred)];
  const steps = stridesOf(shape);
  const size = sizeOf(inferred);
  const source = new Int32Array(sizeOf(shape)).fill(-1);
  if (shape.length !== inferred.length || shape.some((dim, axis) => dim < inferred[axis])) {
    throw new UnsupportedError(`output_shape [${shape}] is smaller than [${inferred}]`, 'Check output_shape.');
  }
  for (const [i, index] of indices.entries()) {
    if (!(index >= 0 && index < size)) throw new UnsupportedError(`index ${index} is outside`, 'Check the indices.');
    const at = coordinatesOf(inferred, index).reduce((sum, c, axis) => sum + c * steps[axis], 0);
    source[at] = i;
  }
  return [move(b, [x], shape, source)];
}

function globalMaxPool(context: OpContext): ValueId[] {
  const { b } = context;
  return globally(context, (x, axes) => maxOver(b, x, axes));
}

export const ops: OpTable = { MaxPool: maxPool, GlobalMaxPool: globalMaxPool, MaxUnpool: maxUnpool };

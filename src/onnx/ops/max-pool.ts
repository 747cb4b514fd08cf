import type { ValueId } from '../../graph/builder.ts';
import { compare, retype } from '../../graph/compose/arithmetic.ts';
import { maxOver } from '../../graph/compose/linear.ts';
import { constant, move, reshape } from '../../graph/compose/movement.ts';
import { combineSparse, counting } from '../../graph/compose/product.ts';
import { stridesOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { type Pool, planeWindows, poolOf, refuseEmptyWindows } from './pool.ts';

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
  const strides = stridesOf(spatial);
  const plane = spatial.reduce((product, size) => product * size, 1);
  return (at) => {
    let [rest, index, step] = [at % plane, at - (at % plane), 1];
    for (const [axis, size] of spatial.entries()) {
      const coordinate = Math.floor(rest / strides[axis]);
      rest -= coordinate * strides[axis];
      index += coordinate * step;
      step *= size;
    }
    return index;
  };
}

function globalMaxPool(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const [batch, channels, ...spatial] = b.shape(x);
  if (spatial.length === 0) throw new UnsupportedError('the input has no spatial axis', 'Re-export the model.');
  const axes = spatial.map((_, axis) => axis + 2);
  return [reshape(b, maxOver(b, x, axes), [batch, channels, ...spatial.map(() => 1)])];
}

export const ops: OpTable = { MaxPool: maxPool, GlobalMaxPool: globalMaxPool };

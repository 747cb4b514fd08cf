import { checkGatherSize, type GraphBuilder, type ValueId } from '../../graph/builder.ts';
import { meanOver } from '../../graph/compose/linear.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { combineSparse } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { type Slide, slidesOver, slideWindow, type WindowTable, windowAttributes, windowTable } from '../window.ts';

export interface Pool {
  readonly x: ValueId;
  /** Images times channels: pools treat each plane alike. */
  readonly planes: number;
  /** Elements of one plane. */
  readonly plane: number;
  readonly slides: readonly Slide[];
  readonly table: WindowTable;
  /** Shape of the result. */
  readonly shape: readonly number[];
}

/** The windows of a pooling operator. */
export function poolOf(context: OpContext): Pool {
  const { b, attributes } = context;
  const x = input(context, 0);
  const [batch, channels, ...spatial] = b.shape(x);
  const kernel = attributes.ints('kernel_shape');
  if (spatial.length === 0 || kernel.length !== spatial.length || kernel.some((size) => size < 1)) {
    throw new UnsupportedError(
      `kernel_shape [${kernel}] does not fit an input [${b.shape(x)}]`,
      'A pool needs a batch, a channel and one kernel size per spatial axis.',
    );
  }
  const given = windowAttributes(context, spatial.length);
  if (given.autoPad.startsWith('SAME') && given.dilations.some((dilation) => dilation > 1)) {
    throw new UnsupportedError(`auto_pad ${given.autoPad} with dilations has no agreed meaning`, 'Use explicit pads.');
  }
  const slides = slidesOver(spatial, kernel, given, attributes.int('ceil_mode', 0) === 1);
  const table = windowTable(slides.map(slideWindow));
  checkGatherSize(batch * channels * table.positions * table.taps);
  return {
    x,
    planes: batch * channels,
    plane: sizeOf(spatial),
    slides,
    table,
    shape: [batch, channels, ...table.output],
  };
}

/** The windows of every plane: gather[plane·positions + p, tap]. */
export function planeWindows({ planes, plane, table }: Pool): Int32Array {
  const { index } = table;
  const gather = new Int32Array(planes * index.length);
  for (let c = 0, i = 0; c < planes; c++) {
    for (let j = 0; j < index.length; j++, i++) gather[i] = index[j] < 0 ? -1 : c * plane + index[j];
  }
  return gather;
}

export function refuseEmptyWindows({ positions, taps, index }: WindowTable): void {
  for (let p = 0; p < positions; p++) {
    if (index.subarray(p * taps, (p + 1) * taps).every((at) => at < 0)) {
      throw new UnsupportedError('a pooling window lies entirely in the padding', 'Make pads smaller than the kernel.');
    }
  }
}

function averagePool(context: OpContext): ValueId[] {
  const pool = poolOf(context);
  const { table } = pool;
  const padded = context.attributes.int('count_include_pad', 0) === 1;
  const counts = padded ? paddedCounts(pool.slides) : insideCounts(table);
  if (!padded) refuseEmptyWindows(table);
  const [first] = counts;
  if (counts.every((count) => count === first)) return [windowSum(context.b, pool, 1 / first)];
  const weight = new Float64Array(pool.planes * table.index.length);
  for (let i = 0; i < weight.length; i++) {
    weight[i] = 1 / counts[Math.floor(i / table.taps) % table.positions];
  }
  return [combineSparse(context.b, pool.x, pool.shape, { depth: table.taps, gather: planeWindows(pool), weight })];
}

/** factor · the sum of every window. */
export function windowSum(b: GraphBuilder, pool: Pool, factor: number): ValueId {
  const { positions, taps } = pool.table;
  return b.push({
    kind: 'affine',
    inputs: [pool.x],
    shape: pool.shape,
    dtype: b.dtype(pool.x),
    groups: 1,
    outs: 1,
    positions: pool.planes * positions,
    depth: taps,
    gather: planeWindows(pool),
    weight: new Float64Array(taps).fill(factor),
    bias: new Float64Array(1),
  });
}

/** Elements of the image itself in every window. */
function insideCounts({ positions, taps, index }: WindowTable): number[] {
  return Array.from({ length: positions }, (_, p) =>
    index.subarray(p * taps, (p + 1) * taps).reduce((count, at) => count + (at < 0 ? 0 : 1), 0),
  );
}

/** Elements of the padded image in every window; what a last window overhangs in ceil_mode is not padding. */
function paddedCounts(slides: readonly Slide[]): number[] {
  const axes = slides.map(({ input, output, kernel, stride, dilation, padBegin, padEnd }) =>
    Array.from({ length: output }, (_, o) => {
      const room = input + padEnd - (o * stride - padBegin);
      return Math.min(kernel, Math.ceil(room / dilation));
    }),
  );
  return axes.reduce((counts, axis) => counts.flatMap((count) => axis.map((own) => count * own)), [1]);
}

/** Reduces all spatial axes and keeps them with size 1. */
export function globally(context: OpContext, reduce: (x: ValueId, axes: readonly number[]) => ValueId): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const [batch, channels, ...spatial] = b.shape(x);
  if (spatial.length === 0) throw new UnsupportedError('the input has no spatial axis', 'Re-export the model.');
  const axes = spatial.map((_, axis) => axis + 2);
  return [reshape(b, reduce(x, axes), [batch, channels, ...spatial.map(() => 1)])];
}

export const ops: OpTable = {
  AveragePool: averagePool,
  GlobalAveragePool: (context) => globally(context, (x, axes) => meanOver(context.b, x, axes)),
};

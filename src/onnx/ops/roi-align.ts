import { checkGatherSize, type ValueId } from '../../graph/builder.ts';
import { combineSparse } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** A weighted element of a plane. */
interface Corner {
  readonly at: number;
  readonly weight: number;
}

/** Limit on the corners of all regions, which are planned one by one. */
const mostCorners = 2 ** 22;

/** Where the samples of a region lie along one axis. */
interface Span {
  readonly start: number;
  readonly length: number;
  readonly bins: number;
  /** Samples per bin. */
  readonly samples: number;
  /** Size of the image along this axis. */
  readonly size: number;
}

/** Bilinear samples of constant regions, averaged per bin, or the largest weighted corner of a bin's samples. */
function roiAlign(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const [batch, channels, height, width] = b.shape(x);
  const [rows, columns] = [attributes.int('output_height', 1), attributes.int('output_width', 1)];
  const images = constantInput(context, 2, 'batch_indices');
  const regions = regionsOf(context, [height, width], [rows, columns]);
  if (images.length !== regions.length || !images.every((n) => n >= 0 && n < batch) || rows < 1 || columns < 1) {
    throw new UnsupportedError('regions and batch indices do not fit', 'Check the operands and the output size.');
  }
  const mode = attributes.string('mode', 'avg').toLowerCase();
  if (mode !== 'avg' && mode !== 'max') throw new UnsupportedError(`mode "${mode}"`, 'Use avg or max.');
  sizeOf([regions.length, channels, rows, columns]);
  const corners = regions.reduce((sum, [down, across]) => sum + 4 * down.samples * across.samples, 0) * rows * columns;
  if (corners > mostCorners) {
    throw new UnsupportedError(`${corners} sampled corners, the limit is ${mostCorners}`, 'Use smaller regions.');
  }
  const bins = regions.flatMap(([down, across]) =>
    Array.from({ length: rows * columns }, (_, i) => binCorners(down, across, Math.floor(i / columns), i % columns)),
  );
  const depth = bins.reduce((most, bin) => Math.max(most, bin.length), 1);
  const perRegion = rows * columns;
  const size = regions.length * channels * perRegion;
  checkGatherSize(size * depth);
  const gather = new Int32Array(size * depth).fill(-1);
  const weight = new Float64Array(size * depth);
  const window = new Int32Array(size * depth).fill(-1);
  for (let i = 0; i < size; i++) {
    const region = Math.floor(i / (channels * perRegion));
    const plane = images[region] * channels + (Math.floor(i / perRegion) % channels);
    const bin = bins[region * perRegion + (i % perRegion)];
    const share = mode === 'avg' ? 4 / bin.length : 1;
    for (const [k, corner] of bin.entries()) {
      gather[i * depth + k] = plane * height * width + corner.at;
      weight[i * depth + k] = corner.weight * share;
      window[i * depth + k] = i * depth + k;
    }
  }
  const shape = [regions.length, channels, rows, columns];
  if (mode === 'avg') return [combineSparse(b, x, shape, { depth, gather, weight })];
  const weighted = combineSparse(b, x, [...shape, depth], { depth: 1, gather, weight });
  return [b.push({ kind: 'max', inputs: [weighted], shape, dtype: b.dtype(x), window: depth, gather: window })];
}

/** The spans of every region, down and across. */
function regionsOf(
  context: OpContext,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): (readonly [down: Span, across: Span])[] {
  const { attributes, opset } = context;
  const rois = constantInput(context, 1, 'rois');
  const [, numbers] = inputShape(context, 1);
  if (numbers !== 4) throw new UnsupportedError(`rois of ${numbers} numbers`, 'Give x1, y1, x2, y2.');
  const older = opset < 16 ? 'output_half_pixel' : 'half_pixel';
  const centred = attributes.string('coordinate_transformation_mode', older) === 'half_pixel';
  const scale = attributes.float('spatial_scale', 1);
  const ratio = attributes.int('sampling_ratio', 0);
  const span = (from: number, to: number, bins: number, size: number): Span => {
    const start = from * scale - (centred ? 0.5 : 0);
    const extent = to * scale - (centred ? 0.5 : 0) - start;
    const length = centred ? extent : Math.max(extent, 1);
    return { start, length, bins, samples: ratio > 0 ? ratio : Math.max(0, Math.ceil(length / bins)), size };
  };
  return Array.from({ length: rois.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = rois.subarray(4 * i, 4 * i + 4);
    return [span(y1, y2, rows, height), span(x1, x2, columns, width)];
  });
}

/** Four corners for each sample of a bin; a bin without samples, and a sample far outside, counts as zero. */
function binCorners(down: Span, across: Span, row: number, column: number): Corner[] {
  const corners: Corner[] = [];
  for (let i = 0; i < down.samples; i++) {
    for (let j = 0; j < across.samples; j++) {
      const vertical = neighbours(down, row, i);
      const horizontal = neighbours(across, column, j);
      for (const [y, wy] of vertical) {
        for (const [x, wx] of horizontal) {
          const outside = Number.isNaN(wy) || Number.isNaN(wx);
          corners.push(outside ? { at: 0, weight: 0 } : { at: y * across.size + x, weight: wy * wx });
        }
      }
    }
  }
  return corners.length > 0 ? corners : [0, 0, 0, 0].map((at) => ({ at, weight: 0 }));
}

/** The two coordinates around a sample with their weights, NaN when it lies more than one element outside. */
function neighbours({ start, length, bins, samples, size }: Span, bin: number, sample: number): [number, number][] {
  const width = length / bins;
  const at = start + bin * width + ((sample + 0.5) * width) / samples;
  if (at < -1 || at > size) return [0, 0].map((i) => [i, Number.NaN]);
  const inside = Math.max(at, 0);
  const low = Math.floor(inside);
  if (low >= size - 1) {
    return [
      [size - 1, 1],
      [size - 1, 0],
    ];
  }
  return [
    [low, 1 - (inside - low)],
    [low + 1, inside - low],
  ];
}

export const ops: OpTable = { RoiAlign: roiAlign };

import { checkGatherSize, type ValueId } from '../../graph/builder.ts';
import { constant, reshape, transpose } from '../../graph/compose/movement.ts';
import { batchedProduct, combineSparse } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import {
  type AxisRows,
  type Border,
  clampTo,
  crossRows,
  cubicKernel,
  interpolationRows,
  linearKernel,
  selectionRows,
} from '../interpolate.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Normalised sampling coordinates: theta times the homogeneous coordinates of a regular grid. */
function affineGrid(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const theta = input(context, 0);
  const [batch, , ...spatial] = constantInput(context, 1, 'size');
  const rank = spatial.length;
  const corners = attributes.int('align_corners', 0) === 1;
  const fits = (rank === 2 || rank === 3) && spatial.every((size) => size > (corners ? 1 : 0));
  const shape = b.shape(theta);
  if (!fits || shape.length !== 3 || shape[0] !== batch || shape[1] !== rank || shape[2] !== rank + 1) {
    throw new UnsupportedError(`theta [${shape}] and size [${batch}, …, ${spatial}] do not fit`, 'Check the operands.');
  }
  const points = sizeOf(spatial);
  const grid = new Float64Array(sizeOf([rank + 1, points])).fill(1);
  let run = points;
  for (const [axis, size] of spatial.entries()) {
    run /= size;
    const row = (rank - 1 - axis) * points;
    for (let p = 0; p < points; p++) {
      const i = Math.floor(p / run) % size;
      grid[row + p] = corners ? -1 + (2 * i) / (size - 1) : -1 + (2 * i + 1) / size;
    }
  }
  const base = constant(b, [rank + 1, points], grid, b.dtype(theta));
  const y = batchedProduct(b, theta, base, { batch: 1, m: batch * rank, k: rank + 1, n: points });
  const ordered = transpose(b, reshape(b, y, [batch, rank, points]), [0, 2, 1]);
  return [reshape(b, ordered, [batch, ...spatial, rank])];
}

type Mode = 'nearest' | 'linear' | 'cubic';

const modes: Readonly<Record<string, Mode>> = {
  nearest: 'nearest',
  bilinear: 'linear',
  linear: 'linear',
  bicubic: 'cubic',
  cubic: 'cubic',
};

/** Interpolation at constant coordinates: one sparse map per plane. */
function gridSample(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const [batch, channels, ...spatial] = b.shape(x);
  const grid = constantInput(context, 1, 'the grid');
  const gridShape = inputShape(context, 1);
  const target = gridShape.slice(1, -1);
  const rank = spatial.length;
  if (rank < 1 || gridShape[0] !== batch || target.length !== rank || gridShape.at(-1) !== rank) {
    throw new UnsupportedError(`input [${b.shape(x)}] and grid [${gridShape}] do not fit`, 'Check the operands.');
  }
  const name = attributes.string('mode', 'linear');
  const mode = modes[name];
  if (mode === undefined) throw new UnsupportedError(`mode "${name}" does not exist`, 'Use nearest, linear or cubic.');
  const axes = spatial.map((size, axis) =>
    axisSampling(context, mode, size, (point) => grid[point * rank + (rank - 1 - axis)]),
  );
  const points = sizeOf(target);
  const plane = sizeOf(spatial);
  const taps = { nearest: 1, linear: 2, cubic: 4 }[mode] ** rank;
  checkGatherSize(batch * channels * points * taps);
  const gather = new Int32Array(batch * channels * points * taps).fill(-1);
  const weight = new Float64Array(gather.length);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < points; p++) {
      const sample = crossRows(axes.map((axis) => axis(n * points + p)));
      for (let c = 0; c < channels; c++) {
        const first = (n * channels + c) * points + p;
        for (let k = 0; k < sample.depth; k++) {
          if (sample.gather[k] < 0) continue;
          gather[first * taps + k] = (n * channels + c) * plane + sample.gather[k];
          weight[first * taps + k] = sample.weight[k];
        }
      }
    }
  }
  return [combineSparse(b, x, [batch, channels, ...target], { depth: taps, gather, weight })];
}

/** The taps of one axis at a point, from the point's normalised coordinate. */
function axisSampling(
  { attributes }: OpContext,
  mode: Mode,
  size: number,
  coordinate: (point: number) => number,
): (point: number) => AxisRows {
  const corners = attributes.int('align_corners', 0) === 1;
  const padding = attributes.string('padding_mode', 'zeros');
  const [least, most] = corners ? [0, size - 1] : [-0.5, size - 0.5];
  const reflected = (at: number): number => reflect(at, least, most);
  const borders: Readonly<Record<string, Border>> = {
    zeros: (at) => (at >= 0 && at < size ? at : -1),
    border: clampTo(size),
    reflection: (at) => Math.trunc(reflected(at)),
  };
  const border = borders[padding];
  if (border === undefined) {
    throw new UnsupportedError(`padding_mode "${padding}" does not exist`, 'Use zeros, border or reflection.');
  }
  const kernel = mode === 'cubic' ? cubicKernel(-0.75) : linearKernel;
  const moved = (at: number): number => {
    if (mode === 'cubic' || padding === 'zeros' || (at >= least && at <= most)) return at;
    return padding === 'border' ? clampTo(size)(at) : reflected(at);
  };
  return (point) => {
    const n = coordinate(point);
    const exact = corners ? ((n + 1) / 2) * (size - 1) : ((n + 1) * size - 1) / 2;
    const at = Math.fround(exact);
    if (mode === 'nearest') return selectionRows(size, [border(Math.trunc(moved(roundEven(at))))]);
    return interpolationRows({ input: size, coordinates: [moved(at)], kernel, border });
  };
}

function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Mirrors a coordinate at the ends of [least, most] until it lies inside. */
function reflect(at: number, least: number, most: number): number {
  if (at >= least && at <= most) return at;
  const range = most - least;
  if (range === 0) throw new UnsupportedError('reflection in an axis of one element', 'Use border padding.');
  const beyond = at < least ? least - at : at - most;
  const turns = Math.floor(beyond / range);
  const rest = beyond - turns * range;
  return at < least === (turns % 2 === 0) ? least + rest : most - rest;
}

export const ops: OpTable = { AffineGrid: affineGrid, GridSample: gridSample };

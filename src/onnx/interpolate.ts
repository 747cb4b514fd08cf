import { checkGatherSize } from '../graph/builder.ts';
import type { SparseRows } from '../graph/compose/product.ts';

/** What every output coordinate of one axis is made of: `depth` input coordinates with weights. */
export interface AxisRows {
  readonly input: number;
  readonly output: number;
  readonly depth: number;
  /** [output, depth]; −1 reads zero. */
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

export function identityRows(size: number): AxisRows {
  const index = new Int32Array(size);
  for (let i = 0; i < size; i++) index[i] = i;
  return { input: size, output: size, depth: 1, index, weight: new Float64Array(size).fill(1) };
}

/** Separable interpolation over several axes as one sparse map, row-major over outputs. */
export function crossRows(axes: readonly AxisRows[]): SparseRows & { readonly shape: readonly number[] } {
  let rows = 1;
  let depth = 1;
  let gather: Int32Array = new Int32Array(1);
  let weight: Float64Array = new Float64Array(1).fill(1);
  for (const axis of axes) {
    checkGatherSize(rows * axis.output * depth * axis.depth);
    const nextGather = new Int32Array(rows * axis.output * depth * axis.depth);
    const nextWeight = new Float64Array(nextGather.length);
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < axis.output; o++) {
        for (let d = r * depth; d < (r + 1) * depth; d++) {
          for (let k = o * axis.depth; k < (o + 1) * axis.depth; k++, i++) {
            nextGather[i] = gather[d] < 0 || axis.index[k] < 0 ? -1 : gather[d] * axis.input + axis.index[k];
            nextWeight[i] = weight[d] * axis.weight[k];
          }
        }
      }
    }
    rows *= axis.output;
    depth *= axis.depth;
    gather = nextGather;
    weight = nextWeight;
  }
  return { depth, gather, weight, shape: axes.map(({ output }) => output) };
}

/** Weights of the taps around a coordinate, of which the tap before `length / 2` lies `ratio` in (0, 1] below it. */
export type Kernel = (ratio: number) => readonly number[];

export const linearKernel: Kernel = (ratio) => [1 - ratio, ratio];

/** Keys' cubic convolution with parameter a. */
export function cubicKernel(a: number): Kernel {
  return (ratio) => [ratio + 1, ratio, 1 - ratio, 2 - ratio].map((x) => keys(a, x));
}

function keys(a: number, x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** A kernel stretched by a downsampling scale below 1 and normalised, as `antialias` asks for. */
export function stretchedKernel(shape: 'linear' | 'cubic', scale: number, a: number): Kernel {
  const reach = shape === 'linear' ? 1 : 2;
  const at = shape === 'linear' ? (x: number) => Math.max(0, 1 - Math.abs(x)) : (x: number) => keys(a, x);
  const shrink = Math.min(scale, 1);
  const first = Math.floor(-reach / shrink) + 1;
  return (ratio) => {
    const taps = Array.from({ length: 2 - 2 * first }, (_, i) => at((first + i - ratio) * shrink));
    const total = taps.reduce((sum, tap) => sum + tap, 0);
    return taps.map((tap) => tap / total);
  };
}

/** Which input coordinate stands for tap coordinate `at` outside the axis, or −1 for none (a zero). */
export type Border = (at: number) => number;

export const clampTo =
  (size: number): Border =>
  (at) =>
    Math.min(Math.max(at, 0), size - 1);

export interface Interpolation {
  readonly input: number;
  /** Where each output lies on the input axis; NaN gives zero. */
  readonly coordinates: readonly number[];
  readonly kernel: Kernel;
  readonly border: Border;
  /** Drops taps outside the axis and scales the others up to a sum of 1. */
  readonly excludeOutside?: boolean;
}

/** Interpolates at each coordinate; taps that fall on the same input coordinate are merged. */
export function interpolationRows({ input, coordinates, kernel, border, excludeOutside }: Interpolation): AxisRows {
  const rows = coordinates.map((x) => {
    const taps = new Map<number, number>();
    if (Number.isNaN(x)) return taps;
    const base = Math.ceil(x) - 1;
    const weights = kernel(x - base);
    const first = base + 1 - weights.length / 2;
    const inside = (at: number): boolean => at >= 0 && at < input;
    const total = weights.reduce((sum, w, i) => sum + (inside(first + i) ? w : 0), 0);
    for (const [i, w] of weights.entries()) {
      const at = first + i;
      if (excludeOutside === true && !inside(at)) continue;
      const source = border(at);
      const share = excludeOutside === true ? w / total : w;
      if (source >= 0 && share !== 0) taps.set(source, (taps.get(source) ?? 0) + share);
    }
    return taps;
  });
  return packRows(input, rows);
}

/** Takes one input coordinate per output, −1 for a zero. */
export function selectionRows(input: number, sources: readonly number[]): AxisRows {
  return packRows(
    input,
    sources.map((source) => new Map(source < 0 ? [] : [[source, 1]])),
  );
}

function packRows(input: number, rows: readonly ReadonlyMap<number, number>[]): AxisRows {
  const depth = rows.reduce((most, row) => Math.max(most, row.size), 1);
  checkGatherSize(rows.length * depth);
  const index = new Int32Array(rows.length * depth).fill(-1);
  const weight = new Float64Array(rows.length * depth);
  for (const [o, row] of rows.entries()) {
    let k = o * depth;
    for (const [source, w] of row) {
      index[k] = source;
      weight[k++] = w;
    }
  }
  return { input, output: rows.length, depth, index, weight };
}

import { checkGatherSize } from '../graph/builder.ts';
import type { OpContext } from './op.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * How a sliding window reads one spatial axis: for every output position and every tap of the kernel, the input
 * coordinate, or −1 in the padding.
 */
export interface AxisWindow {
  readonly input: number;
  readonly output: number;
  readonly taps: number;
  /** [output, taps] */
  readonly index: Int32Array;
}

/** The windows over all spatial axes together: coordinates are offsets into one channel. */
export interface WindowTable {
  readonly output: readonly number[];
  readonly positions: number;
  readonly taps: number;
  /** [positions, taps] */
  readonly index: Int32Array;
}

export interface WindowAttributes {
  readonly autoPad: string;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

const autoPads = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'];

/** The attributes that convolutions and pools share, for `rank` spatial axes, with defaults and checked lengths. */
export function windowAttributes({ attributes }: OpContext, rank: number): WindowAttributes {
  const list = (name: string, length: number, fallback: number, least: number): readonly number[] => {
    const given = attributes.ints(name, []);
    const values = given.length === 0 ? new Array<number>(length).fill(fallback) : given;
    if (values.length !== length || values.some((v) => v < least)) {
      throw new UnsupportedError(
        `attribute "${name}" is [${values}]; expected ${length} numbers of at least ${least}`,
        'Re-export the model.',
      );
    }
    return values;
  };
  const autoPad = attributes.string('auto_pad', 'NOTSET') || 'NOTSET';
  if (!autoPads.includes(autoPad)) {
    throw new UnsupportedError(`auto_pad "${autoPad}" does not exist`, `Use one of ${autoPads.join(', ')}.`);
  }
  const explicit = autoPad === 'NOTSET';
  const pads = explicit ? list('pads', 2 * rank, 0, 0) : new Array<number>(2 * rank).fill(0);
  return {
    autoPad,
    strides: list('strides', rank, 1, 1),
    dilations: list('dilations', rank, 1, 1),
    padsBegin: pads.slice(0, rank),
    padsEnd: pads.slice(rank),
  };
}

/** One axis of a window that slides over its input: `output` positions `stride` apart, the first at −padBegin. */
export interface Slide {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/** The slide along every spatial axis. With `ceil`, a last window that overhangs the end counts when it starts inside. */
export function slidesOver(
  spatial: readonly number[],
  kernel: readonly number[],
  { autoPad, strides, dilations, padsBegin, padsEnd }: WindowAttributes,
  ceil = false,
): Slide[] {
  return spatial.map((input, axis) => {
    const [stride, dilation] = [strides[axis], dilations[axis]];
    const reach = (kernel[axis] - 1) * dilation + 1;
    if (autoPad.startsWith('SAME')) {
      const output = Math.ceil(input / stride);
      const needed = (output - 1) * stride + reach - input;
      if (needed < -1) {
        throw new UnsupportedError(
          `auto_pad ${autoPad} with a stride of ${stride} over a window of ${reach} has no agreed meaning`,
          'Use explicit pads.',
        );
      }
      const total = Math.max(0, needed);
      const half = Math.floor(total / 2);
      const padBegin = autoPad === 'SAME_UPPER' ? half : total - half;
      return { input, output, kernel: kernel[axis], stride, dilation, padBegin, padEnd: total - padBegin };
    }
    const [padBegin, padEnd] = [padsBegin[axis], padsEnd[axis]];
    const room = input + padBegin + padEnd - reach;
    if (room < 0) {
      throw new UnsupportedError(
        `a window of ${reach} does not fit the padded size ${input + padBegin + padEnd} of spatial axis ${axis}`,
        'Check the input shape given with --dim.',
      );
    }
    let output = Math.floor(room / stride) + 1;
    if (ceil && room % stride !== 0 && output * stride < input + padBegin) {
      if (autoPad === 'VALID') {
        throw new UnsupportedError('auto_pad VALID with ceil_mode has no agreed meaning', 'Use explicit pads.');
      }
      output++;
    }
    return { input, output, kernel: kernel[axis], stride, dilation, padBegin, padEnd };
  });
}

export function slideWindow({ input, output, kernel, stride, dilation, padBegin }: Slide): AxisWindow {
  checkGatherSize(output * kernel);
  const index = new Int32Array(output * kernel);
  for (let o = 0, i = 0; o < output; o++) {
    for (let k = 0; k < kernel; k++, i++) {
      const at = o * stride - padBegin + k * dilation;
      index[i] = at >= 0 && at < input ? at : -1;
    }
  }
  return { input, output, taps: kernel, index };
}

/** One axis of a transposed window: `input` positions write to an output `stride` apart. */
export interface Spread {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
}

/** Reads, for output o and tap k, the input i with i·stride + k·dilation − padBegin = o, or nothing. */
export function spreadWindow({ input, output, kernel, stride, dilation, padBegin }: Spread): AxisWindow {
  checkGatherSize(output * kernel);
  const index = new Int32Array(output * kernel);
  for (let o = 0, i = 0; o < output; o++) {
    for (let k = 0; k < kernel; k++, i++) {
      const at = o + padBegin - k * dilation;
      index[i] = at >= 0 && at % stride === 0 && at / stride < input ? at / stride : -1;
    }
  }
  return { input, output, taps: kernel, index };
}

/** The product of the axes' windows, row-major over positions and over taps. */
export function windowTable(axes: readonly AxisWindow[]): WindowTable {
  let positions = 1;
  let taps = 1;
  let index: Int32Array = new Int32Array(1);
  for (const axis of axes) {
    const next = { positions: positions * axis.output, taps: taps * axis.taps };
    checkGatherSize(next.positions * next.taps);
    const joined = new Int32Array(next.positions * next.taps);
    let i = 0;
    for (let p = 0; p < positions; p++) {
      for (let o = 0; o < axis.output; o++) {
        for (let t = 0; t < taps; t++) {
          const outer = index[p * taps + t];
          for (let k = 0; k < axis.taps; k++) {
            const inner = axis.index[o * axis.taps + k];
            joined[i++] = outer < 0 || inner < 0 ? -1 : outer * axis.input + inner;
          }
        }
      }
    }
    ({ positions, taps } = next);
    index = joined;
  }
  return { output: axes.map(({ output }) => output), positions, taps, index };
}

import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { multiply } from '../../graph/compose/arithmetic.ts';
import { constant, move, reshape, transpose } from '../../graph/compose/movement.ts';
import { counting, weightedSum } from '../../graph/compose/product.ts';
import { normaliseAxis, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable, optional, optionalConstant } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** A discrete Fourier transform as a real matrix over (element, part) pairs, part 0 real and part 1 imaginary. */
interface Transform {
  /** Elements read, and numbers per element. */
  readonly length: number;
  readonly parts: number;
  readonly bins: number;
  readonly outParts: number;
  /** [bins·outParts, length·parts] */
  readonly weight: Float64Array;
}

/** X[k] = Σ_j x[j]·exp(∓2πi·jk/n) over the first min(length, n) elements; divided by n when inverse. */
function complexTransform(n: number, length: number, parts: number, bins: number, inverse: boolean): Transform {
  const weight = matrix(bins * 2 * length * parts);
  const sign = inverse ? 1 : -1;
  const share = inverse ? 1 / n : 1;
  for (let k = 0; k < bins; k++) {
    for (let j = 0; j < Math.min(length, n); j++) {
      const angle = (2 * Math.PI * ((j * k) % n)) / n;
      const [c, s] = [share * Math.cos(angle), share * sign * Math.sin(angle)];
      const real = (2 * k * length + j) * parts;
      const imaginary = ((2 * k + 1) * length + j) * parts;
      weight[real] = c;
      weight[imaginary] = s;
      if (parts === 2) {
        weight[real + 1] = -s;
        weight[imaginary + 1] = c;
      }
    }
  }
  return { length, parts, bins, outParts: 2, weight };
}

/** The real signal of length n whose one-sided spectrum is read; the missing half is its conjugate mirror. */
function realInverse(n: number, length: number, parts: number): Transform {
  const weight = matrix(n * length * parts);
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < Math.min(length, Math.floor(n / 2) + 1); k++) {
      const alone = k === 0 || 2 * k === n;
      const angle = (2 * Math.PI * ((j * k) % n)) / n;
      const at = (j * length + k) * parts;
      weight[at] = ((alone ? 1 : 2) * Math.cos(angle)) / n;
      if (parts === 2 && !alone) weight[at + 1] = (-2 * Math.sin(angle)) / n;
    }
  }
  return { length, parts, bins: n, outParts: 1, weight };
}

function dft(context: OpContext): ValueId[] {
  const { b, attributes, opset } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const parts = shape.at(-1) ?? 0;
  const given = opset < 20 ? attributes.int('axis', 1) : (optionalConstant(context, 2, 'axis')?.[0] ?? -2);
  const axis = normaliseAxis(given, shape.length);
  const inverse = attributes.int('inverse', 0) === 1;
  const onesided = attributes.int('onesided', 0) === 1;
  if (shape.length < 2 || axis === shape.length - 1 || (parts !== 1 && parts !== 2)) {
    throw new UnsupportedError(`axis ${given} of [${shape}] is not a signal`, 'The last axis holds 1 or 2 parts.');
  }
  if (onesided && !inverse && parts === 2) {
    throw new UnsupportedError('a one-sided transform of a complex signal', 'Set onesided to 0.');
  }
  const natural = inverse && onesided ? 2 * (shape[axis] - 1) : shape[axis];
  const n = optionalConstant(context, 1, 'dft_length')?.[0] ?? natural;
  checkLength(n);
  const length = shape[axis];
  if (inverse && onesided) return [transformAxis(b, x, axis, realInverse(n, length, parts))];
  const bins = onesided ? Math.floor(n / 2) + 1 : n;
  return [transformAxis(b, x, axis, complexTransform(n, length, parts, bins, inverse))];
}

function transformAxis(b: GraphBuilder, x: ValueId, axis: number, transform: Transform): ValueId {
  const { length, parts, bins, outParts, weight } = transform;
  const shape = b.shape(x);
  const strides = stridesOf(shape);
  const rank = shape.length;
  const others = shape.map((_, i) => i).filter((i) => i !== axis && i !== rank - 1);
  const order = [...others, axis, rank - 1];
  const kept = others.map((i) => shape[i]);
  const y = weightedSum(b, {
    x,
    gather: stridedIndex(
      order.map((i) => shape[i]),
      order.map((i) => strides[i]),
    ),
    weight: constant(b, [bins * outParts, length * parts], weight, b.dtype(x)),
    groups: 1,
    outs: bins * outParts,
    positions: sizeOf(kept),
    depth: length * parts,
    shape: [bins, outParts, ...kept],
  });
  const back = shape.map((_, i) => (i === axis ? 0 : i === rank - 1 ? 1 : i < axis ? i + 2 : i + 1));
  return transpose(b, y, back);
}

/** Frames of the signal, each transformed; a constant window is part of the matrix. */
function stft(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const [batch, length, parts = 1] = b.shape(x);
  const step = optionalConstant(context, 1, 'frame_step')?.[0] ?? 0;
  const window = optional(context, 2);
  const declared = optionalConstant(context, 3, 'frame_length')?.[0];
  const size = window === undefined ? declared : b.shape(window)[0];
  if (size === undefined || (declared !== undefined && declared !== size) || size > length || !(step >= 1)) {
    throw new UnsupportedError(
      `frames of ${declared ?? size} with a window of ${size} every ${step} of ${length} samples`,
      'Give a frame_step, and a frame_length equal to the window and no longer than the signal.',
    );
  }
  checkLength(size);
  const onesided = attributes.int('onesided', 1) === 1;
  if (onesided && parts === 2)
    throw new UnsupportedError('a one-sided transform of a complex signal', 'Set onesided to 0.');
  const frames = Math.floor((length - size) / step) + 1;
  const gather = stridedIndex([batch, frames, size, parts], [length * parts, step * parts, parts, 1]);
  const { weight, bins } = complexTransform(size, size, parts, onesided ? Math.floor(size / 2) + 1 : size, false);
  const fixed = window === undefined ? undefined : b.constant(window);
  if (fixed !== undefined) {
    for (let i = 0; i < weight.length; i++) weight[i] *= fixed[Math.floor(i / parts) % size];
  }
  const depth = size * parts;
  const sum = { groups: 1, outs: bins * 2, positions: batch * frames, depth, shape: [bins, 2, batch, frames] };
  const rows = constant(b, [bins * 2, depth], weight, b.dtype(x));
  const windowed = (values: ValueId): ValueId => {
    const cut = move(b, [x], [batch * frames, size, parts], gather);
    return multiply(b, cut, reshape(b, values, [size, 1]));
  };
  const y =
    window === undefined || fixed !== undefined
      ? weightedSum(b, { x, gather, weight: rows, ...sum })
      : weightedSum(b, { x: windowed(window), gather: counting(gather.length), weight: rows, ...sum });
  return [transpose(b, y, [2, 3, 0, 1])];
}

function checkLength(n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= 2 ** 16) return;
  throw new UnsupportedError(`a transform of length ${n}`, 'Use a length from 1 to 65536.');
}

const largestMatrix = 2 ** 24;

function matrix(entries: number): Float64Array {
  if (entries <= largestMatrix) return new Float64Array(entries);
  throw new UnsupportedError(
    `a transform as a matrix of ${entries} entries, the limit is ${largestMatrix}`,
    'Use shorter transforms.',
  );
}

export const ops: OpTable = { DFT: dft, STFT: stft };

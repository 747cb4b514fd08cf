import type { ValueId } from '../../graph/builder.ts';
import { constant } from '../../graph/compose/movement.ts';
import { type DType, isReal } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { dtypeOf } from '../element-types.ts';
import { constantInput, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Value at a phase that runs from 0 to 2π over the window. */
type Shape = (phase: number) => number;

const alpha = 25 / 46;
const hann: Shape = (phase) => Math.sin(phase / 2) ** 2;
const hamming: Shape = (phase) => alpha - (1 - alpha) * Math.cos(phase);
const blackman: Shape = (phase) => 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);

const windowOf =
  (shape: Shape) =>
  (context: OpContext): ValueId[] => {
    const [size] = constantInput(context, 0, 'size');
    const data = new Float64Array(sizeOf([size]));
    const period = context.attributes.int('periodic', 1) === 1 ? size : size - 1;
    if (period === 0) throw new UnsupportedError('a symmetric window of one sample', 'Use at least two samples.');
    for (let i = 0; i < size; i++) data[i] = shape((2 * Math.PI * i) / period);
    return [constant(context.b, [size], data, outputType(context))];
  };

function outputType({ attributes }: OpContext): DType {
  const code = attributes.int('output_datatype', 1);
  const dtype = dtypeOf(code);
  if (dtype === undefined || !isReal(dtype)) {
    throw new UnsupportedError(`output_datatype ${code}`, 'Use a floating-point type.');
  }
  return dtype;
}

/** Triangles over the bins of a spectrum, evenly spaced on the mel scale. */
function melWeightMatrix(context: OpContext): ValueId[] {
  const names = ['num_mel_bins', 'dft_length', 'sample_rate', 'lower_edge_hertz', 'upper_edge_hertz'];
  const [bands, length, rate, lowest, highest] = names.map((name, i) => constantInput(context, i, name)[0]);
  const bins = Math.floor(length / 2) + 1;
  const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const step = (mel(highest) - mel(lowest)) / (bands + 2);
  const edge = (i: number): number => {
    const hertz = 700 * (10 ** ((mel(lowest) + i * step) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  };
  const data = new Float64Array(sizeOf([bins, bands]));
  for (let band = 0; band < bands; band++) {
    const [left, centre, right] = [edge(band), edge(band + 1), edge(band + 2)];
    if (left < 0 || Math.max(centre, right - 1) >= bins) {
      throw new UnsupportedError('a mel band lies outside the spectrum', 'Lower upper_edge_hertz.');
    }
    if (left === centre) data[centre * bands + band] = 1;
    else for (let j = left; j <= centre; j++) data[j * bands + band] = (j - left) / (centre - left);
    for (let j = centre; j < right; j++) data[j * bands + band] = (right - j) / (right - centre);
  }
  return [constant(context.b, [bins, bands], data, outputType(context))];
}

export const ops: OpTable = {
  HannWindow: windowOf(hann),
  HammingWindow: windowOf(hamming),
  BlackmanWindow: windowOf(blackman),
  MelWeightMatrix: melWeightMatrix,
};

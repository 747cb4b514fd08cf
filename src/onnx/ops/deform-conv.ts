import { checkGatherSize, type ValueId } from '../../graph/builder.ts';
import { multiply } from '../../graph/compose/arithmetic.ts';
import { reshape, transpose } from '../../graph/compose/movement.ts';
import { combineSparse, weightedSum } from '../../graph/compose/product.ts';
import { coordinatesOf, sizeOf, stridedIndex } from '../../tensor/shape.ts';
import { type Border, crossRows, interpolationRows, linearKernel } from '../interpolate.ts';
import { constantInput, input, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { type Slide, slidesOver, windowAttributes } from '../window.ts';
import { convolutionShapes } from './conv.ts';

/** Constant offsets make the sampled windows a sparse linear map; mask and weights are then applied to them. */
function deformConv(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const [x, weight] = [input(context, 0), input(context, 1)];
  const [batch, channels] = b.shape(x);
  const [outs, inner] = b.shape(weight);
  const { groups, spatial, kernel } = convolutionShapes(context, b.shape(x), b.shape(weight));
  const offsetGroups = attributes.int('offset_group', 1);
  const slides = slidesOver(spatial, kernel, windowAttributes(context, spatial.length));
  const output = slides.map((slide) => slide.output);
  const taps = sizeOf(kernel);
  const offset = constantInput(context, 2, 'the offset');
  const fits =
    inner * groups === channels &&
    outs % groups === 0 &&
    channels % offsetGroups === 0 &&
    offset.length === batch * offsetGroups * taps * spatial.length * sizeOf(output);
  if (!fits) throw new UnsupportedError('weights, offsets and groups do not fit the input', 'Check the operands.');
  const positions = sizeOf(output);
  const sampled = sample(context, slides, offset, offsetGroups);
  const mask = optional(context, 4);
  const split = [batch, offsetGroups, channels / offsetGroups, taps, positions];
  const masked =
    mask === undefined
      ? sampled
      : multiply(b, reshape(b, sampled, split), reshape(b, mask, [batch, offsetGroups, 1, taps, positions]));
  const depth = inner * taps;
  checkGatherSize(groups * batch * positions * depth);
  const y = weightedSum(b, {
    x: masked,
    gather: stridedIndex(
      [groups, batch, positions, depth],
      [depth * positions, channels * taps * positions, 1, positions],
    ),
    weight,
    bias: optional(context, 3),
    groups,
    outs: outs / groups,
    positions: batch * positions,
    depth,
    shape: [outs, batch, ...output],
  });
  return [transpose(b, y, [1, 0, ...output.map((_, axis) => axis + 2)])];
}

/** [N, C, taps, positions]: the input between its elements, zero outside. */
function sample(
  { b, inputs }: OpContext,
  slides: readonly Slide[],
  offset: Float64Array,
  offsetGroups: number,
): ValueId {
  const x = inputs[0] ?? 0;
  const [batch, channels] = b.shape(x);
  const output = slides.map((slide) => slide.output);
  const kernel = slides.map((slide) => slide.kernel);
  const [rank, taps, positions] = [slides.length, sizeOf(kernel), sizeOf(output)];
  const plane = slides.reduce((size, slide) => size * slide.input, 1);
  const depth = 2 ** rank;
  const size = batch * channels * taps * positions;
  checkGatherSize(size * depth);
  const gather = new Int32Array(size * depth).fill(-1);
  const weight = new Float64Array(size * depth);
  const perGroup = channels / offsetGroups;
  for (let n = 0, o = 0; n < batch; n++) {
    for (let g = 0; g < offsetGroups; g++) {
      for (let tap = 0; tap < taps; tap++, o += rank * positions) {
        for (let p = 0; p < positions; p++) {
          const at = coordinatesOf(output, p);
          const step = coordinatesOf(kernel, tap);
          const point = crossRows(
            slides.map(({ input, stride, padBegin, dilation }, axis) => {
              const base = at[axis] * stride - padBegin + step[axis] * dilation;
              return interpolationRows({
                input,
                coordinates: [base + offset[o + axis * positions + p]],
                kernel: linearKernel,
                border: zeroOutside(input),
              });
            }),
          );
          for (let c = g * perGroup; c < (g + 1) * perGroup; c++) {
            const row = (((n * channels + c) * taps + tap) * positions + p) * depth;
            for (let k = 0; k < point.depth; k++) {
              if (point.gather[k] < 0) continue;
              gather[row + k] = (n * channels + c) * plane + point.gather[k];
              weight[row + k] = point.weight[k];
            }
          }
        }
      }
    }
  }
  return combineSparse(b, x, [batch, channels, taps, positions], { depth, gather, weight });
}

const zeroOutside =
  (size: number): Border =>
  (at) =>
    at >= 0 && at < size ? at : -1;

export const ops: OpTable = { DeformConv: deformConv };

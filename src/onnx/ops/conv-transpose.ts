import type { ValueId } from '../../graph/builder.ts';
import { reshape, transpose } from '../../graph/compose/movement.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { type Spread, spreadWindow, type WindowAttributes, windowAttributes, windowTable } from '../window.ts';
import { convolutionShapes, convolve } from './conv.ts';

/** Sizes and leading pads as the operator defines them from pads, auto_pad, output_padding and output_shape. */
function spreadsOver(
  { attributes }: OpContext,
  spatial: readonly number[],
  kernel: readonly number[],
  { autoPad, strides, dilations, padsBegin, padsEnd }: WindowAttributes,
): Spread[] {
  const extra = attributes.ints('output_padding', []);
  const wanted = attributes.ints('output_shape', []).slice(-spatial.length);
  return spatial.map((size, axis) => {
    const [stride, dilation] = [strides[axis], dilations[axis]];
    const whole = stride * (size - 1) + (extra[axis] ?? 0) + (kernel[axis] - 1) * dilation + 1;
    const fixed = wanted[axis] ?? (autoPad.startsWith('SAME') ? size * stride : undefined);
    const output = fixed ?? whole - padsBegin[axis] - padsEnd[axis];
    if (autoPad.startsWith('SAME') && output > whole) {
      throw new UnsupportedError(
        `auto_pad ${autoPad} with a stride above the kernel's reach has no agreed meaning`,
        'Use explicit pads and output_padding.',
      );
    }
    if (output <= 0) {
      throw new UnsupportedError(
        `spatial axis ${axis} would get ${output} elements`,
        'Check pads, output_padding and output_shape.',
      );
    }
    const total = Math.max(0, whole - output);
    const half = Math.floor(total / 2);
    const padBegin = fixed === undefined ? padsBegin[axis] : autoPad === 'SAME_UPPER' ? half : total - half;
    return { input: size, output, kernel: kernel[axis], stride, dilation, padBegin };
  });
}

function convTranspose(context: OpContext): ValueId[] {
  const { b } = context;
  const [x, weight] = [input(context, 0), input(context, 1)];
  const [channels, perGroup] = b.shape(weight);
  const { groups, spatial, kernel } = convolutionShapes(context, b.shape(x), b.shape(weight));
  if (channels !== b.shape(x)[1]) {
    throw new UnsupportedError(`weights for ${channels} channels, input with ${b.shape(x)[1]}`, 'Check the weights.');
  }
  const spreads = spreadsOver(context, spatial, kernel, windowAttributes(context, spatial.length));
  const split = reshape(b, weight, [groups, channels / groups, perGroup, sizeOf(kernel)]);
  return [
    convolve(b, {
      x,
      weight: transpose(b, split, [0, 2, 1, 3]),
      bias: optional(context, 2),
      groups,
      outs: groups * perGroup,
      table: windowTable(spreads.map(spreadWindow)),
    }),
  ];
}

export const ops: OpTable = { ConvTranspose: convTranspose };

import { checkGatherSize, type ValueId } from '../../graph/builder.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { spreadWindow, windowAttributes, windowTable } from '../window.ts';

/** Every pixel is the sum of the block elements that cover it. */
function col2im(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const [batch, rows, blocks] = b.shape(x);
  const image = [...constantInput(context, 1, 'image_shape')];
  const block = [...constantInput(context, 2, 'block_shape')];
  const { strides, dilations, padsBegin, padsEnd } = windowAttributes(context, image.length);
  const taps = sizeOf(block);
  const channels = rows / taps;
  const counts = image.map((size, axis) => {
    const room = size + padsBegin[axis] + padsEnd[axis] - (block[axis] - 1) * dilations[axis] - 1;
    return Math.floor(room / strides[axis]) + 1;
  });
  if (block.length !== image.length || !Number.isInteger(channels) || sizeOf(counts) !== blocks) {
    throw new UnsupportedError(
      `an input [${b.shape(x)}] does not hold blocks [${block}] of an image [${image}]`,
      'Check image_shape, block_shape and the attributes.',
    );
  }
  const { positions, index } = windowTable(
    image.map((output, axis) =>
      spreadWindow({
        input: counts[axis],
        output,
        kernel: block[axis],
        stride: strides[axis],
        dilation: dilations[axis],
        padBegin: padsBegin[axis],
      }),
    ),
  );
  const planes = batch * channels;
  checkGatherSize(planes * index.length);
  const gather = new Int32Array(planes * index.length);
  for (let c = 0, i = 0; c < planes; c++) {
    for (let j = 0; j < index.length; j++, i++) {
      gather[i] = index[j] < 0 ? -1 : (c * taps + (j % taps)) * blocks + index[j];
    }
  }
  return [
    b.push({
      kind: 'affine',
      inputs: [x],
      shape: [batch, channels, ...image],
      dtype: b.dtype(x),
      groups: 1,
      outs: 1,
      positions: planes * positions,
      depth: taps,
      gather,
      weight: new Float64Array(taps).fill(1),
      bias: new Float64Array(1),
    }),
  ];
}

export const ops: OpTable = { Col2Im: col2im };

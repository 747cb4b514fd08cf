import type { ValueId } from '../../graph/builder.ts';
import { reshape, transpose } from '../../graph/compose/movement.ts';
import { ShapeError } from '../../tensor/shape.ts';
import { input, inputShape, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

function imageOf(context: OpContext): readonly [n: number, c: number, h: number, w: number] {
  const shape = inputShape(context, 0);
  const [n, c, h, w] = shape;
  if (shape.length !== 4) throw new ShapeError(`expected a tensor [N, C, H, W], got [${shape}]`);
  return [n, c, h, w];
}

/** Channels become blocks of pixels, read as [block, block, C] (DCR) or [C, block, block] (CRD, since opset 11). */
function depthToSpace(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const [n, c, h, w] = imageOf(context);
  const block = attributes.int('blocksize');
  const depth = c / (block * block);
  const mode = attributes.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD')
    throw new UnsupportedError(`mode "${mode}" is not supported`, 'Use DCR or CRD.');
  const split = mode === 'DCR' ? [n, block, block, depth, h, w] : [n, depth, block, block, h, w];
  const order = mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const blocks = transpose(b, reshape(b, input(context, 0), split), order);
  return [reshape(b, blocks, [n, depth, h * block, w * block])];
}

/** Blocks of pixels become channels in the order [block, block, C]. */
function spaceToDepth(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const [n, c, h, w] = imageOf(context);
  const block = attributes.int('blocksize');
  const split = [n, c, h / block, block, w / block, block];
  const blocks = transpose(b, reshape(b, input(context, 0), split), [0, 3, 5, 1, 2, 4]);
  return [reshape(b, blocks, [n, c * block * block, h / block, w / block])];
}

export const ops: OpTable = { DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth };

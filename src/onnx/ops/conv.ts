import { checkGatherSize, type GraphBuilder, type ValueId } from '../../graph/builder.ts';
import { transpose } from '../../graph/compose/movement.ts';
import { weightedSum } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { slidesOver, slideWindow, type WindowTable, windowAttributes, windowTable } from '../window.ts';

export interface Convolution {
  /** [N, C, …spatial] */
  readonly x: ValueId;
  /** Elements in the order [M, C / groups, …kernel]. */
  readonly weight: ValueId;
  /** [M] */
  readonly bias?: ValueId | undefined;
  readonly groups: number;
  /** M, the number of output channels. */
  readonly outs: number;
  readonly table: WindowTable;
}

/** Grouped convolution over any windows: [N, M, …output]. Free when x or the weights are constant. */
export function convolve(b: GraphBuilder, { x, weight, bias, groups, outs, table }: Convolution): ValueId {
  const [batch, channels, ...spatial] = b.shape(x);
  const { positions, output } = table;
  const inner = channels / groups;
  const y = weightedSum(b, {
    x,
    gather: columnsOf(table, batch, channels, groups, sizeOf(spatial)),
    weight,
    bias,
    groups,
    outs: outs / groups,
    positions: batch * positions,
    depth: inner * table.taps,
    shape: batch === 1 ? [1, outs, ...output] : [outs, batch, ...output],
  });
  if (batch === 1) return y;
  return transpose(b, y, [1, 0, ...output.map((_, axis) => axis + 2)]);
}

/** im2col: gather[g, n·positions + p, c·taps + t]. */
function columnsOf(
  { positions, taps, index }: WindowTable,
  batch: number,
  channels: number,
  groups: number,
  plane: number,
): Int32Array {
  const inner = channels / groups;
  checkGatherSize(batch * channels * positions * taps);
  const gather = new Int32Array(batch * channels * positions * taps);
  let i = 0;
  for (let g = 0; g < groups; g++) {
    for (let n = 0; n < batch; n++) {
      const first = (n * channels + g * inner) * plane;
      for (let p = 0; p < positions; p++) {
        for (let c = 0; c < inner; c++) {
          const base = first + c * plane;
          for (let t = p * taps; t < (p + 1) * taps; t++) gather[i++] = index[t] < 0 ? -1 : base + index[t];
        }
      }
    }
  }
  return gather;
}

/** The shapes of a convolution's operands, checked against each other and the attributes. */
export function convolutionShapes(
  { attributes }: OpContext,
  xShape: readonly number[],
  weightShape: readonly number[],
): { readonly groups: number; readonly spatial: readonly number[]; readonly kernel: readonly number[] } {
  const groups = attributes.int('group', 1);
  const [, channels, ...spatial] = xShape;
  const [, , ...kernel] = weightShape;
  const declared = attributes.ints('kernel_shape', kernel);
  const fits =
    spatial.length > 0 &&
    weightShape.length === xShape.length &&
    groups > 0 &&
    channels % groups === 0 &&
    declared.length === kernel.length &&
    declared.every((size, axis) => size === kernel[axis]);
  if (!fits) {
    throw new UnsupportedError(
      `an input [${xShape}] and weights [${weightShape}] in ${groups} groups do not fit`,
      'Check the shapes; a convolution needs a batch, a channel and at least one spatial axis.',
    );
  }
  return { groups, spatial, kernel };
}

/** Conv on the operands of a context, which other operators may substitute. */
export function conv(context: OpContext): ValueId[] {
  const { b } = context;
  const [x, weight] = [input(context, 0), input(context, 1)];
  const { groups, spatial, kernel } = convolutionShapes(context, b.shape(x), b.shape(weight));
  const [outs, inner] = b.shape(weight);
  if (inner * groups !== b.shape(x)[1] || outs % groups !== 0) {
    throw new UnsupportedError(
      `weights [${b.shape(weight)}] in ${groups} groups do not fit ${b.shape(x)[1]} channels`,
      'Check the attribute "group" and the weights.',
    );
  }
  const slides = slidesOver(spatial, kernel, windowAttributes(context, spatial.length));
  const table = windowTable(slides.map(slideWindow));
  return [convolve(b, { x, weight, bias: optional(context, 2), groups, outs, table })];
}

export const ops: OpTable = { Conv: conv };

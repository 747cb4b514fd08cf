import type { QAffine } from '../../quant/qgraph.ts';
import { Assembly, indicesWhere, materialise, pick } from '../gadgets/quantity.ts';
import { constants, picked, type Quantity, type WireTensor } from '../wire-tensor.ts';
import type { Lower, Lowering } from './context.ts';

/** Known at compile time: no wire. */
export const lowerConst: Lower<'const'> = (_context, node) => constants(node.data);

/** Data movement renames expressions. */
export const lowerMap: Lower<'map'> = ({ operands }, node) => picked(operands, node.source, node.fill);

/** A linear map stays an expression; the row that needs it writes its terms once, on the C side. */
export const lowerAffine: Lower<'affine'> = ({ operands }, node) => affineExpression(operands[0], node);

export const lowerAdd: Lower<'add'> = ({ operands }, { coefficients }) => ({
  size: operands[0].size,
  emit(side, i, factor) {
    for (let j = 0; j < operands.length; j++) operands[j].emit(side, i, factor * coefficients[j]);
  },
});

function affineExpression(x: WireTensor, node: QAffine): WireTensor {
  const { outs, positions, depth, gather, weight, bias } = node;
  const perChannel = bias.length === node.groups * outs;
  return {
    size: node.groups * outs * positions,
    emit(side, i, factor) {
      const channel = Math.floor(i / positions);
      const position = i - channel * positions;
      const row = channel * depth;
      const window = (Math.floor(channel / outs) * positions + position) * depth;
      for (let k = 0; k < depth; k++) {
        const source = gather[window + k];
        const w = weight[row + k];
        if (source >= 0 && w !== 0) x.emit(side, source, factor * w);
      }
      side.add(0, factor * (perChannel ? bias[channel] : bias[i]) + 0);
    },
  };
}

/**
 * Gives the elements of a node wires of their own, one row each: expression = wire. Elements whose bounds coincide are
 * numbers. Done where `planExpressions` says so.
 */
export function share(context: Lowering, expression: Quantity): WireTensor {
  const { lo, hi } = context.ranges[context.id];
  const result = new Assembly(lo);
  const varying = indicesWhere(expression.size, (i) => lo[i] < hi[i]);
  if (varying.length > 0) {
    result.put(varying, materialise(context, pick(context, [expression], varying), context.origin('shared')));
  }
  return result.finish();
}

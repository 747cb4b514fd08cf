import type { QAffine } from '../../quant/qgraph.ts';
import { constants, picked, type WireTensor, wires } from '../wire-tensor.ts';
import type { Lower } from './context.ts';

/** Known at compile time: no wire. */
export const lowerConst: Lower<'const'> = (_context, node) => constants(node.data);

/** Data movement renames expressions. */
export const lowerMap: Lower<'map'> = ({ operands }, node) => picked(operands, node.source, node.fill);

/** A linear map stays an expression; the row that needs it writes its terms once, on the C side. */
export const lowerAffine: Lower<'affine'> = ({ operands }, node) => affineExpression(operands[0], node);

export const lowerAdd: Lower<'add'> = ({ operands }, { coefficients }) => ({
  size: operands[0].size,
  terms: operands.reduce((sum, operand) => sum + operand.terms, 0),
  emit(side, i, factor) {
    for (let j = 0; j < operands.length; j++) operands[j].emit(side, i, factor * coefficients[j]);
  },
});

function affineExpression(x: WireTensor, node: QAffine): WireTensor {
  const { outs, positions, depth, gather, weight, bias } = node;
  const perChannel = bias.length === node.groups * outs;
  return {
    size: node.groups * outs * positions,
    terms: depth * x.terms + 1,
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
 * Gives an expression wires of its own, one row per element: expression = wire. Done when writing the expression out
 * at every use would cost more terms than the row is worth.
 */
export function share(context: Parameters<Lower<'affine'>>[0], expression: WireTensor): WireTensor {
  const { system, hints, id } = context;
  const origin = context.origin('shared');
  const first = system.allocateWires(expression.size, origin);
  hints.push({ kind: 'copy', node: id, first });
  for (let i = 0; i < expression.size; i++) {
    system.a.add(first + i, 1);
    system.b.add(0, 1);
    expression.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  return wires(first, expression.size);
}

import { normaliseAxis } from '../tensor/shape.ts';
import { axisList, inputShape, type OpContext } from './op.ts';

/**
 * The axes a reduction runs over, ascending: from the attribute, or from the optional second operand since the opset
 * `operandSince`. `undefined` when the operator is to return its input unchanged (`noop_with_empty_axes`).
 */
export function reducedAxes(context: OpContext, operandSince: number): number[] | undefined {
  const { attributes, opset } = context;
  const rank = inputShape(context, 0).length;
  const operand = opset >= operandSince && context.inputs[1] !== undefined;
  const given = operand ? axisList(context, 1, 'axes') : attributes.ints('axes', []);
  if (given.length > 0) return [...new Set(given.map((axis) => normaliseAxis(axis, rank)))].sort((x, y) => x - y);
  if (attributes.int('noop_with_empty_axes', 0) === 1) return undefined;
  return Array.from({ length: rank }, (_, axis) => axis);
}

import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { logSoftmax, softmax } from '../../graph/compose/softmax.ts';
import { normaliseAxis, sizeOf } from '../../tensor/shape.ts';
import { input, type OpHandler, type OpTable } from '../op.ts';

type Rows = (b: GraphBuilder, x: ValueId, axis: number) => ValueId;

/** Since opset 13 one axis is a row; before, the operand was read as a matrix [axes before, axes from `axis` on]. */
function overRows(rows: Rows): OpHandler {
  return (context) => {
    const { b, attributes, opset } = context;
    const x = input(context, 0);
    const shape = b.shape(x);
    if (sizeOf(shape) === 0) return [x];
    const axis = normaliseAxis(attributes.int('axis', opset < 13 ? 1 : -1), shape.length);
    if (opset >= 13) return [rows(b, x, axis)];
    const matrix = reshape(b, x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
    return [reshape(b, rows(b, matrix, 1), shape)];
  };
}

export const ops: OpTable = { Softmax: overRows(softmax), LogSoftmax: overRows(logSoftmax) };

import type { ValueId } from '../../graph/builder.ts';
import { constant, move } from '../../graph/compose/movement.ts';
import { ShapeError, sizeOf } from '../../tensor/shape.ts';
import { dtypeOf } from '../element-types.ts';
import { input, inputShape, type OpContext, type OpTable, optionalConstant } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Ones on the k-th diagonal of a matrix of the operand's shape. */
function eyeLike(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const [rows, columns] = shape;
  if (shape.length !== 2) throw new ShapeError(`expected a matrix, got [${shape}]`);
  const dtype = attributes.has('dtype') ? dtypeOf(attributes.int('dtype')) : b.dtype(input(context, 0));
  if (dtype === undefined)
    throw new UnsupportedError(`element type ${attributes.int('dtype')} is unknown`, 'Re-export.');
  const k = attributes.int('k', 0);
  const data = new Float64Array(sizeOf(shape));
  for (let row = Math.max(0, -k); row < Math.min(rows, columns - k); row++) data[row * columns + row + k] = 1;
  return [constant(b, shape, data, dtype)];
}

/** Zeros below (upper) or above (lower) the k-th diagonal of the last two axes. */
function trilu(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  if (shape.length < 2) throw new ShapeError(`expected matrices, got [${shape}]`);
  const [rows, columns] = shape.slice(-2);
  const upper = attributes.int('upper', 1) !== 0;
  const k = optionalConstant(context, 1, 'k')?.[0] ?? 0;
  const source = new Int32Array(sizeOf(shape));
  for (let i = 0; i < source.length; i++) {
    const offset = (i % columns) - (Math.floor(i / columns) % rows);
    source[i] = (upper ? offset >= k : offset <= k) ? i : -1;
  }
  return [move(b, [input(context, 0)], shape, source)];
}

export const ops: OpTable = { EyeLike: eyeLike, Trilu: trilu };

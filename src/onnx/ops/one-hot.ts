import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { retype, scale } from '../../graph/compose/arithmetic.ts';
import { choose } from '../../graph/compose/choose.ts';
import { reshape, slice, transpose } from '../../graph/compose/movement.ts';
import { isReal } from '../../tensor/dtype.ts';
import { normaliseAxis } from '../../tensor/shape.ts';
import { countFromFront, oneHot as hotRows } from '../indices.ts';
import { constantInput, input, inputShape, type OpContext, type OpTable } from '../op.ts';

/** The on-value at each index along a new axis, the off-value elsewhere (and everywhere for an index outside). */
function oneHot(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const shape = inputShape(context, 0);
  const [depth] = constantInput(context, 1, 'depth').map(Math.trunc);
  const axis = normaliseAxis(attributes.int('axis', -1), shape.length + 1);
  const index = countFromFront(b, toInteger(b, input(context, 0)), depth);
  const last = shape.length;
  const order = Array.from({ length: last + 1 }, (_, i) => (i === axis ? last : i < axis ? i : i - 1));
  const hot = transpose(b, reshape(b, hotRows(b, index, depth), [...shape, depth]), order);
  return [paint(b, hot, input(context, 2))];
}

function toInteger(b: GraphBuilder, x: ValueId): ValueId {
  if (!isReal(b.dtype(x))) return x;
  return b.push({ kind: 'round', inputs: [x], shape: b.shape(x), dtype: 'int64', mode: 'trunc' });
}

/** values[1] where hot, values[0] elsewhere. */
function paint(b: GraphBuilder, hot: ValueId, values: ValueId): ValueId {
  const [off, on] = b.constant(values) ?? [];
  if (Number.isFinite(on) && Number.isFinite(off)) return scale(b, retype(b, hot, b.dtype(values)), on - off, off);
  const value = (i: number): ValueId => reshape(b, slice(b, values, 0, i, 1), []);
  return choose(b, hot, value(1), value(0));
}

export const ops: OpTable = { OneHot: oneHot };

import type { ValueId } from '../../graph/builder.ts';
import { constant } from '../../graph/compose/movement.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { inputShape, type OpContext, type OpTable } from '../op.ts';

/** Dimensions start (default 0) to end (default the rank), which count from the back when negative and are clamped. */
function shape(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const dims = inputShape(context, 0);
  const end = attributes.int('end', dims.length);
  const chosen = dims.slice(attributes.int('start', 0), end);
  return [constant(b, [chosen.length], Float64Array.from(chosen), 'int64')];
}

function size(context: OpContext): ValueId[] {
  return [constant(context.b, [], Float64Array.of(sizeOf(inputShape(context, 0))), 'int64')];
}

export const ops: OpTable = { Shape: shape, Size: size };

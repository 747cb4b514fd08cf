import type { ValueId } from '../../graph/builder.ts';
import { select } from '../../graph/compose/arithmetic.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The chosen branch of a constant condition; of a computed one both branches, and a selection per element. */
function branch(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const condition = input(context, 0);
  if (sizeOf(b.shape(condition)) !== 1) {
    throw new UnsupportedError(`the condition has shape [${b.shape(condition)}]`, 'A branch needs one truth value.');
  }
  const known = b.constant(condition)?.[0];
  if (known !== undefined) {
    return context.importGraph(attributes.graph(known !== 0 ? 'then_branch' : 'else_branch'));
  }
  const whenTrue = context.importGraph(attributes.graph('then_branch'));
  const whenFalse = context.importGraph(attributes.graph('else_branch'));
  const truth = reshape(b, condition, []);
  return whenTrue.map((x, i) => {
    const y = whenFalse[i];
    if (y === undefined || !sameShape(b.shape(x), b.shape(y)) || b.dtype(x) !== b.dtype(y)) {
      throw new UnsupportedError(
        `the branches of a condition computed at run time differ in the shape or type of output ${i}`,
        'A circuit has a fixed structure: make the condition a constant, or the branches alike.',
      );
    }
    return select(b, truth, x, y);
  });
}

export const ops: OpTable = { If: branch };

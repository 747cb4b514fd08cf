import { multiply, sqrt } from '../../graph/compose/arithmetic.ts';
import { sumOver } from '../../graph/compose/linear.ts';
import { magnitude } from '../../graph/compose/magnitude.ts';
import { isReal } from '../../tensor/dtype.ts';
import type { OpTable } from '../op.ts';
import { type Reduce, reduction } from '../reduction.ts';
import { UnsupportedError } from '../unsupported.ts';

const sumSquare: Reduce = (b, x, axes) => sumOver(b, multiply(b, x, x), axes);

const l1: Reduce = (b, x, axes) => sumOver(b, magnitude(b, x), axes);

const l2: Reduce = (b, x, axes) => {
  if (!isReal(b.dtype(x))) {
    throw new UnsupportedError(`the norm of ${b.dtype(x)} is no integer`, 'Cast the operand to float32 first.');
  }
  return sqrt(b, sumSquare(b, x, axes));
};

/** Implementations differ on whether an unreduced element is returned as it is or as the norm of itself. */
function unclear(): never {
  throw new UnsupportedError('noop_with_empty_axes without axes is not defined the same everywhere', 'Name the axes.');
}

export const ops: OpTable = {
  ReduceSumSquare: reduction(18, sumSquare, unclear),
  ReduceL1: reduction(18, l1, unclear),
  ReduceL2: reduction(18, l2, unclear),
};

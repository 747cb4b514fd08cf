import type { ValueId } from '../../graph/builder.ts';
import { multiply } from '../../graph/compose/arithmetic.ts';
import { reductionWindows } from '../../graph/compose/linear.ts';
import { filled, move } from '../../graph/compose/movement.ts';
import type { OpTable } from '../op.ts';
import { type Reduce, reduction } from '../reduction.ts';

/** Products of neighbours, then of those: errors and depth grow with the logarithm of the number of factors. */
const product: Reduce = (b, x, axes) => {
  const { kept, window, gather } = reductionWindows(b.shape(x), axes);
  if (window === 0) return filled(b, kept, 1, b.dtype(x));
  const positions = gather.length / window;
  const factor = (k: number): ValueId =>
    move(
      b,
      [x],
      kept,
      Int32Array.from({ length: positions }, (_, p) => gather[p * window + k]),
    );
  let factors = Array.from({ length: window }, (_, k) => factor(k));
  while (factors.length > 1) {
    factors = Array.from({ length: Math.ceil(factors.length / 2) }, (_, i) => {
      const [left, right] = factors.slice(2 * i, 2 * i + 2);
      return right === undefined ? left : multiply(b, left, right);
    });
  }
  return factors[0];
};

export const ops: OpTable = { ReduceProd: reduction(18, product) };

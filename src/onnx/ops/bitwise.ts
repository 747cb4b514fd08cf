import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { scale, together } from '../../graph/compose/arithmetic.ts';
import type { BitsNode } from '../../graph/graph.ts';
import { integerWidth } from '../../graph/integer-width.ts';
import { input, type OpContext, type OpHandler, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** A bit operation on one or two integer tensors of equal shape. */
export function bits(
  b: GraphBuilder,
  inputs: readonly ValueId[],
  op: BitsNode['op'],
  { width, signed, amount = 0 }: { readonly width?: number; readonly signed?: boolean; readonly amount?: number } = {},
): ValueId {
  const dtype = b.dtype(inputs[0]);
  const own = integerWidth(dtype);
  const node = { width: width ?? own.width, signed: signed ?? own.signed, amount };
  return b.push({ kind: 'bits', inputs, shape: b.shape(inputs[0]), dtype, op, ...node });
}

function pairwise(op: 'and' | 'or' | 'xor'): OpHandler {
  return (context) => {
    const { b } = context;
    return [bits(b, together(b, [input(context, 0), input(context, 1)]), op)];
  };
}

/** The complement is linear: −1 − x, or the largest value minus x where there is no sign. */
function not(context: OpContext): ValueId[] {
  const { b } = context;
  const x = input(context, 0);
  const { width, signed } = integerWidth(b.dtype(x));
  if (!signed && width > 52) {
    throw new UnsupportedError(
      'the complement of a uint64 leaves the integers that are exact here (2^53)',
      'Use uint32 or a signed type.',
    );
  }
  return [scale(b, x, -1, signed ? -1 : 2 ** width - 1)];
}

export const ops: OpTable = {
  BitwiseAnd: pairwise('and'),
  BitwiseOr: pairwise('or'),
  BitwiseXor: pairwise('xor'),
  BitwiseNot: not,
};

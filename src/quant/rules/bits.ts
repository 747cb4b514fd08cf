import type { BitsNode } from '../../graph/graph.ts';
import type { Computed, QuantContext, Rule } from '../context.ts';
import { integerWidthRange } from '../integer-range.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { computed, operand } from '../values.ts';
import { bitLength, signedWidth, span } from '../width.ts';

/** The widest integers whose bits the kernels take apart exactly. */
const widest = 52;

/** Exact on exact integers; on others any bit may differ. */
export const quantiseBits: Rule<'bits'> = (context, node) => {
  switch (node.op) {
    case 'wrap':
      return wrap(context, node);
    case 'shr':
      return shiftRight(context, node);
    default:
      return pairwise(context, node);
  }
};

function wrap(context: QuantContext, node: BitsNode): Computed {
  const x = operand(context, 0);
  const { width, signed, shape } = node;
  const [lo, hi] = integerWidthRange(width, signed);
  const [least, most] = span(context.q.range(x.id));
  if (least >= lo && most <= hi) return x;
  if (width > widest) throw tooWide(context, least, most);
  const error = x.error.map((e) => (e === 0 ? 0 : hi - lo));
  return computed(
    context,
    { kind: 'bits', inputs: [x.id], shape, scale: 1, op: 'wrap', width, signed, amount: 0 },
    error,
  );
}

function shiftRight(context: QuantContext, node: BitsNode): Computed {
  const x = operand(context, 0);
  const { amount, shape } = node;
  if (amount === 0) return x;
  const [least, most] = span(context.q.range(x.id));
  const signed = least < 0;
  const width = Math.max(signedWidth(least, most), amount + 1);
  const error = x.error.map((e) => Math.ceil(e / 2 ** amount));
  return computed(context, { kind: 'bits', inputs: [x.id], shape, scale: 1, op: 'shr', width, signed, amount }, error);
}

/** Sign extension changes nothing, so the operands' own width does for any type. */
function pairwise(context: QuantContext, node: BitsNode): Computed {
  const [a, b] = [operand(context, 0), operand(context, 1)];
  const [aLo, aHi] = span(context.q.range(a.id));
  const [bLo, bHi] = span(context.q.range(b.id));
  const [least, most] = [Math.min(aLo, bLo), Math.max(aHi, bHi)];
  const signed = least < 0;
  const width = signed ? signedWidth(least, most) : Math.max(1, bitLength(most));
  if (width > widest) throw tooWide(context, least, most);
  const [lo, hi] = integerWidthRange(width, signed);
  const error = a.error.map((e, i) => (e === 0 && b.error[i] === 0 ? 0 : hi - lo));
  const { op, shape } = node;
  return computed(
    context,
    { kind: 'bits', inputs: [a.id, b.id], shape, scale: 1, op, width, signed, amount: 0 },
    error,
  );
}

function tooWide(context: QuantContext, least: number, most: number): UnquantisableError {
  return new UnquantisableError(
    context.graph.nodes[context.id],
    `integers in [${least}, ${most}] have more than ${widest} bits`,
    'Use a narrower integer type or declare narrower input bounds.',
  );
}

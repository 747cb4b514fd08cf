import { type PairPlan, planPair, turnsOf } from '../../quant/cost/bits.ts';
import type { QBits } from '../../quant/qgraph.ts';
import { bitLength } from '../../quant/width.ts';
import { type Bits, decompose } from '../gadgets/bits.ts';
import { Assembly, combine, freshWires, indicesWhere, pick } from '../gadgets/quantity.ts';
import { floorQuotient } from '../gadgets/quotient.ts';
import { boundsAt } from '../gadgets/sign.ts';
import type { Side } from '../side.ts';
import type { WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * Bit operations on two's complement.
 *
 * - wrap: y = x − 2^width·q with y range-checked to the type and q to the multiples that x's bounds allow; division with
 *   remainder is unique, and the type's least value is y's offset, so that the sign needs no rule. Rows: bits of y and
 *   q, + 1. Elements that can wrap only one way are linear.
 * - shr: floor(x / 2^amount) (gadgets/quotient.ts).
 * - and, or, xor: bits of both operands (gadgets/bits.ts) and one product p_i per pair of bits; and = Σ p_i,
 *   or = Σ a_i + b_i − p_i, xor = Σ a_i + b_i − 2·p_i. With negative operands both have the same width, and the bits are those
 *   of x + 2^(w−1): the top one is the complement of the sign, and stands for −2^(w−1). Known operands have known bits,
 *   and values 0 and 1 are their own. Rows: bits of a and b, + 1 each unless a single wire, and a product per pair.
 */
export const lowerBits: Lower<'bits'> = (context, node) => {
  if (node.op === 'wrap') return wrap(context, node);
  if (node.op === 'shr') return shiftRight(context, node);
  return pairwise(context, node, node.op);
};

function wrap(context: Lowering, node: QBits): WireTensor {
  const range = rangeOfOperand(context, 0);
  const { lo } = context.ranges[context.id];
  const result = new Assembly(new Float64Array(lo.length));
  const turns = Array.from(lo, (_, i) => turnsOf(node, range.lo[i], range.hi[i]));
  const still = indicesWhere(lo.length, (i) => turns[i][0] === turns[i][1]);
  const modulus = 2 ** node.width;
  if (still.length > 0) {
    const moved = Float64Array.from(still, (i) => -modulus * turns[i][0] + 0);
    result.put(still, combine(context, [[pick(context, context.operands, still), 1]], moved));
  }
  const open = indicesWhere(lo.length, (i) => turns[i][0] < turns[i][1]);
  if (open.length === 0) return result.finish();
  const origin = context.origin('wrap');
  const x = pick(context, context.operands, open);
  const y = freshWires(context, valuesOf(context, open), open.length, origin);
  const widths = new Uint8Array(open.length).fill(node.width);
  const least = node.signed ? -(2 ** (node.width - 1)) : 0;
  decompose(context, y, { widths, offset: new Float64Array(open.length).fill(-least + 0), origin });
  const parts = [
    [x, 1],
    [y, -1],
  ] as const;
  const above = combine(context, parts, 0);
  const turnWidths = Uint8Array.from(open, (i) => bitLength(turns[i][1] - turns[i][0]));
  const offset = Float64Array.from(open, (i) => -modulus * turns[i][0] + 0);
  decompose(context, above, { widths: turnWidths, offset, unit: modulus, origin });
  result.put(open, y);
  return result.finish();
}

function shiftRight(context: Lowering, node: QBits): WireTensor {
  const { lo, hi } = context.ranges[context.id];
  const [x] = context.operands;
  if (node.amount === 0) return x;
  const result = new Assembly(lo);
  const open = indicesWhere(lo.length, (i) => lo[i] < hi[i]);
  if (open.length === 0) return result.finish();
  const options = { shift: node.amount, ...boundsAt({ lo, hi }, open), origin: context.origin('shift') };
  const y = floorQuotient(context, pick(context, [x], open), { ...options, column: valuesOf(context, open) });
  result.put(open, y);
  return result.finish();
}

/** The two's complement bits of one operand, sign-extended where it is signed. */
interface Operand {
  /** Adds factor·bit k of element i. */
  bit(side: Side, i: number, k: number, factor: number): void;
}

function pairwise(context: Lowering, node: QBits, op: 'and' | 'or' | 'xor'): WireTensor {
  const ranges = [rangeOfOperand(context, 0), rangeOfOperand(context, node.inputs.length > 1 ? 1 : 0)] as const;
  const { lo } = context.ranges[context.id];
  const plans = Array.from(lo, (_, i) => planPair(ranges[0], ranges[1], i));
  const operands = [0, 1].map((j) => operandBits(context, j, plans));
  const products = multiplyBits(context, op, plans, operands);
  const [pair, single] = { and: [1, 0], or: [-1, 1], xor: [-2, 1] }[op];
  return {
    size: lo.length,
    emit(side, i, factor) {
      const { signed, widths } = plans[i];
      const width = Math.max(...widths);
      for (let k = 0; k < width; k++) {
        const weight = factor * (signed && k === width - 1 ? -(2 ** k) : 2 ** k);
        products.bit(side, i, k, pair * weight);
        if (single === 0) continue;
        for (const [j, operand] of operands.entries()) if (k < widths[j]) operand.bit(side, i, k, single * weight);
      }
    },
  };
}

function operandBits(context: Lowering, index: number, plans: readonly PairPlan[]): Operand {
  const operand = context.operands[index] ?? context.operands[0];
  const { lo } = rangeOfOperand(context, context.operands[index] === undefined ? 0 : index);
  const open = indicesWhere(plans.length, (i) => plans[i].forms[index] === 'bits');
  const place = new Int32Array(plans.length);
  for (let i = 0; i < open.length; i++) place[open[i]] = i;
  const widths = Uint8Array.from(open, (i) => plans[i].widths[index]);
  const offset = Float64Array.from(open, (i, at) => (plans[i].signed ? 2 ** (widths[at] - 1) : 0));
  const bits: Bits | undefined =
    open.length === 0
      ? undefined
      : decompose(context, pick(context, [operand], open), { widths, offset, origin: context.origin('bits') });
  return {
    bit(side, i, k, factor) {
      const { forms, signed, widths } = plans[i];
      if (forms[index] === 'known') side.add(0, factor * bitOf(lo[i], k));
      else if (forms[index] === 'bit') operand.emit(side, i, factor);
      else if (signed && k === widths[index] - 1) {
        side.add(0, factor);
        bits?.bit(side, place[i], k, -factor);
      } else bits?.bit(side, place[i], k, factor);
    },
  };
}

/** Bit k of a number in two's complement. */
function bitOf(value: number, k: number): number {
  return Math.abs(Math.floor(value / 2 ** k) % 2);
}

/** Products of the two operands' bits; with a known operand they are linear. */
function multiplyBits(
  context: Lowering,
  op: 'and' | 'or' | 'xor',
  plans: readonly PairPlan[],
  [a, b]: readonly Operand[],
): Operand {
  const { system, hints } = context;
  const origin = context.origin('bits');
  const starts = new Float64Array(plans.length);
  let total = 0;
  for (const [i, { products }] of plans.entries()) {
    starts[i] = total;
    total += products;
  }
  const first = system.allocateWires(total, origin);
  const widths = Uint8Array.from(plans, ({ products }) => products);
  const offset = new Float64Array(plans.length);
  hints.place({ kind: 'bits', column: andColumn(context, op, plans.length), first, from: 0, offset, widths });
  for (const [i, { products }] of plans.entries()) {
    for (let k = 0; k < products; k++) {
      a.bit(system.a, i, k, 1);
      b.bit(system.b, i, k, 1);
      system.c.add(first + starts[i] + k, 1);
      system.closeRow(origin);
    }
  }
  const { lo: left } = rangeOfOperand(context, 0);
  const { lo: right } = rangeOfOperand(context, context.operands.length > 1 ? 1 : 0);
  return {
    bit(side, i, k, factor) {
      const { forms, products, widths } = plans[i];
      if (k >= Math.min(...widths)) return;
      if (products > 0) side.add(first + starts[i] + k, factor);
      else if (forms[0] === 'known') b.bit(side, i, k, factor * bitOf(left[i], k));
      else a.bit(side, i, k, factor * bitOf(right[i], k));
    },
  };
}

/** Honest values of a & b: the node's own, a + b − y for or, half of a + b − y for xor. */
function andColumn({ hints, id, operands }: Lowering, op: 'and' | 'or' | 'xor', size: number): number {
  if (op === 'and') return id;
  const half = op === 'or' ? 1 : 0.5;
  const [a, b = a] = operands;
  const terms = [
    { column: a.column, coefficient: half },
    { column: b.column, coefficient: half },
    { column: id, coefficient: -half },
  ];
  return hints.derive({ kind: 'combine', terms, constant: 0, size });
}

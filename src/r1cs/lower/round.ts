import { evenFloor, evenWidth, truncWidth } from '../../quant/cost/rounding.ts';
import type { QRound } from '../../quant/qgraph.ts';
import { decompose } from '../gadgets/bits.ts';
import { matchPattern } from '../gadgets/pattern.ts';
import { Assembly, combine, freshWires, indicesWhere, pick } from '../gadgets/quantity.ts';
import { ceilQuotient, floorQuotient } from '../gadgets/quotient.ts';
import { boundsAt } from '../gadgets/sign.ts';
import type { Quantity, WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';
import { valuesOf } from './rescale.ts';

/**
 * x / 2^s to an integer.
 *
 * - floor, ceil, and trunc of one sign: quotient and remainder, both unique (gadgets/quotient.ts). Rows: b + 1.
 * - even: f = floor((x + 2^(s−1)) / 2^s) from the bits of x + 2^(s−1), less 1 at a tie with f odd: the s lowest bits are
 *   zero and bit s is one. The offset of the bits is a multiple of 2^(s+1), so that bit s is f's parity. Rows: b + 4.
 * - trunc of both signs: f = floor(x / 2^s) from the bits of x, plus 1 where x < 0 (the top bit, aligned) and the s lowest
 *   bits are not all zero; zero has no sign of its own. Rows: b + 5.
 */
export const lowerRound: Lower<'round'> = (context, node) => {
  const [x] = context.operands;
  if (node.shift === 0) return x;
  const range = rangeOfOperand(context, 0);
  const { lo, hi } = context.ranges[context.id];
  const result = new Assembly(lo);
  const formOf = (i: number): 'floor' | 'ceil' | 'trunc' | 'even' => {
    if (node.mode !== 'trunc') return node.mode;
    return range.lo[i] >= 0 ? 'floor' : range.hi[i] <= 0 ? 'ceil' : 'trunc';
  };
  for (const form of ['floor', 'ceil', 'trunc', 'even'] as const) {
    const elements = indicesWhere(lo.length, (i) => lo[i] < hi[i] && formOf(i) === form);
    if (elements.length === 0) continue;
    const part = pick(context, [x], elements);
    result.put(elements, roundAs[form](context, node, part, elements));
  }
  return result.finish();
};

type RoundPart = (context: Lowering, node: QRound, x: Quantity, elements: Int32Array) => WireTensor;

const roundAs: Readonly<Record<QRound['mode'], RoundPart>> = {
  floor: (context, node, x, elements) => floorQuotient(context, x, quotientOptions(context, node, elements)),
  ceil: (context, node, x, elements) => ceilQuotient(context, x, quotientOptions(context, node, elements)),
  even: roundToEven,
  trunc: roundToZero,
};

function quotientOptions(context: Lowering, { shift }: QRound, elements: Int32Array) {
  const bounds = boundsAt(context.ranges[context.id], elements);
  return { shift, ...bounds, column: valuesOf(context, elements), origin: context.origin('round') };
}

function roundToEven(context: Lowering, { shift }: QRound, x: Quantity, elements: Int32Array): WireTensor {
  const { lo, hi } = boundsAt(rangeOfOperand(context, 0), elements);
  const origin = context.origin('round');
  const half = 2 ** (shift - 1);
  const widths = Uint8Array.from(lo, (least, i) => evenWidth(least, hi[i], shift));
  const offset = lo.map((least) => half - evenFloor(least, shift));
  const bits = decompose(context, x, { widths, offset, origin });
  const column = lowBits(context, combine(context, [[x, 1]], half), shift + 1, 2 ** shift);
  const to = new Uint8Array(x.size).fill(shift + 1);
  const odd = matchPattern(context, bits, { from: 0, to, top: 1, column, origin });
  return {
    size: x.size,
    emit(side, i, factor) {
      bits.span(side, i, shift, widths[i], factor);
      side.add(0, (factor * evenFloor(lo[i], shift)) / 2 ** shift + 0);
      odd.emit(side, i, -factor);
    },
  };
}

function roundToZero(context: Lowering, { shift }: QRound, x: Quantity, elements: Int32Array): WireTensor {
  const { lo, hi } = boundsAt(rangeOfOperand(context, 0), elements);
  const { system, hints } = context;
  const origin = context.origin('round');
  const widths = Uint8Array.from(lo, (least, i) => truncWidth(least, hi[i], shift));
  const offset = Float64Array.from(widths, (width) => 2 ** (width - 1));
  const bits = decompose(context, x, { widths, offset, origin });
  const to = new Uint8Array(x.size).fill(shift);
  const column = lowBits(context, x, shift, 0);
  const whole = matchPattern(context, bits, { from: 0, to, top: 0, column, origin });
  const positive = hints.derive({ kind: 'sign', column: x.column });
  const terms = [positive, whole.column].map((own) => ({ column: own, coefficient: -1 }));
  const both = hints.derive({ kind: 'product', left: positive, right: whole.column });
  // (1 − positive)·(1 − whole)
  const raise = hints.derive({
    kind: 'combine',
    terms: [...terms, { column: both, coefficient: 1 }],
    constant: 1,
    size: x.size,
  });
  const raised = freshWires(context, raise, x.size, origin);
  for (let i = 0; i < x.size; i++) {
    system.a.add(0, 1);
    bits.bit(system.a, i, widths[i] - 1, -1);
    system.b.add(0, 1);
    whole.emit(system.b, i, -1);
    raised.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  return {
    size: x.size,
    emit(side, i, factor) {
      bits.span(side, i, shift, widths[i], factor);
      side.add(0, -factor * 2 ** (widths[i] - 1 - shift));
      raised.emit(side, i, factor);
    },
  };
}

/** Column of the number that the `count` lowest bits of x form, less `pattern`. */
function lowBits({ hints }: Lowering, x: Quantity, count: number, pattern: number): number {
  const above = hints.derive({ kind: 'quotient', column: x.column, divisor: 2 ** count });
  const terms = [
    { column: x.column, coefficient: 1 },
    { column: above, coefficient: -(2 ** count) },
  ];
  return hints.derive({ kind: 'combine', terms, constant: -pattern, size: x.size });
}

import type { QRescale } from '../../quant/qgraph.ts';
import { halfOf, rescaleWidth } from '../../quant/width.ts';
import { constrainBoolean, type Lower, type Lowering, valueWires } from './context.ts';

/**
 * Requantise, with or without ReLU, element by element. With t = x + 2^(s−1) in [−2^(b−1), 2^(b−1)):
 *
 *     Σ_{i<b} 2^i·bit_i = t + 2^(b−1)        one row, the dense expression of x on its C side
 *
 * b bits give each t exactly one binary form, and the field is far larger than 2^b, so nothing wraps. The offset is the
 * top bit's own weight, hence that bit is 1 exactly when t ≥ 0.
 *
 * ReLU: y = bit_{b−1} · Σ_{i=s}^{b−2} 2^(i−s)·bit_i, one row. Plain: y = Σ_{i≥s} 2^(i−s)·bit_i − 2^(b−1−s) is linear
 * (s ≤ b − 1, so the offset is a multiple of 2^s); it gets a wire of its own in place of bit s, whose booleanity is then
 * checked as y + 2^(b−1−s) − Σ_{i>s} 2^(i−s)·bit_i squared. Rows: b + 2 and b + 1.
 */
export const lowerRescale: Lower<'rescale'> = (context, node) => {
  const x = context.ranges[node.inputs[0]];
  const size = x.lo.length;
  const kinds = Uint8Array.from({ length: size }, (_, i) => kindOf(node, x.lo[i], x.hi[i]));
  const widths = Uint8Array.from({ length: size }, (_, i) =>
    kinds[i] === relu || kinds[i] === plain ? (node.width ?? rescaleWidth(x.lo[i], x.hi[i], node.shift)) : 0,
  );
  const { first, tensor } = valueWires(context, context.origin('requantise'));
  const bits = allocateBits(context, node, kinds, widths);
  let own = bits;
  for (let i = 0; i < size; i++) {
    if (kinds[i] === relu) own = lowerRelu(context, node, i, widths[i], own, first + i);
    else if (kinds[i] === plain) own = lowerPlain(context, node, i, widths[i], own, first + i);
    else copyElement(context, i, first + i, kinds[i] === identity);
  }
  return tensor;
};

/** What an element needs, told by its bounds: nothing below zero survives a ReLU, nothing above changes. */
const relu = 0;
const plain = 1;
const identity = 2;
const zero = 3;

function kindOf({ shift, relu: clamps, width }: QRescale, lo: number, hi: number): number {
  if (clamps && hi + halfOf(shift) < 0 && width === null) return zero;
  if (clamps && lo + halfOf(shift) < 0) return relu;
  return shift === 0 && width === null ? identity : plain;
}

/** Bit wires of all elements, in order; plain elements have none for bit s. */
function allocateBits(context: Lowering, node: QRescale, kinds: Uint8Array, widths: Uint8Array): number {
  const { system, hints } = context;
  const [source] = node.inputs;
  const offset = Float64Array.from(widths, (b) => (b === 0 ? 0 : halfOf(node.shift) + 2 ** (b - 1)));
  const total = widths.reduce((sum, b, i) => sum + (kinds[i] === plain ? b - 1 : b), 0);
  const first = system.allocateWires(total, context.origin('requantise'));
  const skip = Uint8Array.from(kinds, (kind) => (kind === plain ? node.shift : noSkip));
  hints.push({ kind: 'bits', node: source, first, from: 0, offset, counts: widths, skip });
  return first;
}

/** In a hint: no bit is left out. */
const noSkip = 255;

function lowerRelu(context: Lowering, node: QRescale, i: number, b: number, bit: number, y: number): number {
  const { system, operands } = context;
  const origin = context.origin('requantise');
  for (let k = 0; k < b; k++) constrainBoolean(context, bit + k, origin);
  for (let k = 0; k < b; k++) system.a.add(bit + k, 2 ** k);
  system.a.add(0, -(2 ** (b - 1)) - halfOf(node.shift));
  system.b.add(0, 1);
  operands[0].emit(system.c, i, 1);
  system.closeRow(origin);
  system.a.add(bit + b - 1, 1);
  for (let k = node.shift; k < b - 1; k++) system.b.add(bit + k, 2 ** (k - node.shift));
  system.c.add(y, 1);
  system.closeRow(origin);
  return bit + b;
}

function lowerPlain(context: Lowering, node: QRescale, i: number, b: number, bit: number, y: number): number {
  const { system, operands } = context;
  const { shift } = node;
  const origin = context.origin('requantise');
  for (let k = 0; k < b - 1; k++) constrainBoolean(context, bit + k, origin);
  for (const side of [system.a, system.b, system.c]) {
    side.add(y, 1);
    side.add(0, 2 ** (b - 1 - shift));
    for (let k = shift + 1; k < b; k++) side.add(bit + k - 1, -(2 ** (k - shift)));
  }
  system.closeRow(origin);
  for (let k = 0; k < shift; k++) system.a.add(bit + k, 2 ** k);
  system.a.add(y, 2 ** shift);
  system.a.add(0, -halfOf(shift));
  system.b.add(0, 1);
  operands[0].emit(system.c, i, 1);
  system.closeRow(origin);
  return bit + b - 1;
}

/** The element keeps its value, or is zero whatever the input: one row ties its wire down. */
function copyElement(context: Lowering, i: number, y: number, keeps: boolean): void {
  const { system, operands } = context;
  system.a.add(y, 1);
  system.b.add(0, 1);
  if (keeps) operands[0].emit(system.c, i, 1);
  system.closeRow(context.origin('requantise'));
}

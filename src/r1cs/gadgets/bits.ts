import type { Lowering } from '../lower/context.ts';
import { UnprovableNodeError } from '../lower/context.ts';
import type { Side } from '../side.ts';
import type { Quantity } from '../wire-tensor.ts';
import { constrainBoolean } from './boolean.ts';

/**
 * Proves 0 ≤ x[i] + offset[i] < unit·2^width[i] and unit | x[i] + offset[i], and gives the bits of the quotient.
 *
 * A dense expression has one wire and one boolean row per bit, and one row Σ unit·2^k·bit_k − offset = x that names it
 * once, on the C side. An expression of a single wire stands in for bit 0 itself: E = x + offset − Σ_{k≥1} 2^k·bit_k, and
 * E·E = E, which saves that row. Rows: `rangeRows(width, terms)`.
 *
 * Sound and unique: the bits are 0 or 1, so that Σ 2^k·bit_k is an integer below 2^width ≤ 2^53, far from the field's
 * order, and every such integer is the sum for exactly one choice of bits. No sum wraps: the row then holds over the
 * integers, whatever field element x was before.
 */
export interface Bits {
  readonly size: number;
  readonly widths: Uint8Array;
  /** Adds factor·bit k of element i. */
  bit(side: Side, i: number, k: number, factor: number): void;
  /** Adds factor·Σ 2^(k − from)·bit k of element i over from ≤ k < to. */
  span(side: Side, i: number, from: number, to: number, factor: number): void;
}

/** Wider decompositions would leave the integers that a double holds. */
const widest = 53;

export interface BitsOptions {
  readonly widths: Uint8Array;
  readonly offset: Float64Array;
  readonly origin: number;
  readonly unit?: number;
}

export function decompose(context: Lowering, x: Quantity, { widths, offset, origin, unit = 1 }: BitsOptions): Bits {
  const { system } = context;
  const { size } = x;
  const replaced = x.terms <= 1 && unit === 1;
  const starts = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    const reach = widths[i] + Math.log2(unit);
    if (reach > widest) throw tooWide(context, reach);
    starts[i] = total;
    total += replaced && widths[i] > 0 ? widths[i] - 1 : widths[i];
  }
  const first = system.allocateWires(total, origin);
  for (let i = 0; i < size; i++) starts[i] += first;
  placeBits(context, x, { widths, offset, unit, first, from: replaced ? 1 : 0 });
  for (let i = 0; i < size; i++) {
    if (replaced && widths[i] > 0) closeReplaced(i);
    else closePlain(i);
  }
  function closeReplaced(i: number): void {
    for (let k = 1; k < widths[i]; k++) constrainBoolean(context, starts[i] + k - 1, origin);
    for (const side of [system.a, system.b, system.c]) bitZero(side, i, 1);
    system.closeRow(origin);
  }
  function closePlain(i: number): void {
    for (let k = 0; k < widths[i]; k++) constrainBoolean(context, starts[i] + k, origin);
    for (let k = 0; k < widths[i]; k++) system.a.add(starts[i] + k, unit * 2 ** k);
    system.a.add(0, -offset[i] + 0);
    system.b.add(0, 1);
    x.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  function bitZero(side: Side, i: number, factor: number): void {
    x.emit(side, i, factor);
    side.add(0, factor * offset[i] + 0);
    for (let k = 1; k < widths[i]; k++) side.add(starts[i] + k - 1, -factor * 2 ** k);
  }
  function bit(side: Side, i: number, k: number, factor: number): void {
    if (!replaced) side.add(starts[i] + k, factor);
    else if (k > 0) side.add(starts[i] + k - 1, factor);
    else bitZero(side, i, factor);
  }
  return {
    size,
    widths,
    bit,
    span(side, i, from, to, factor) {
      for (let k = from; k < to; k++) bit(side, i, k, factor * 2 ** (k - from));
    },
  };
  function tooWide({ node }: Lowering, width: number): UnprovableNodeError {
    return new UnprovableNodeError(
      node,
      `it needs a range check of ${width} bits, more than ${widest}`,
      'Use less precision or narrower input bounds.',
    );
  }
}

function placeBits(
  { hints }: Lowering,
  x: Quantity,
  { widths, offset, unit, first, from }: Omit<BitsOptions, 'origin'> & { unit: number; first: number; from: number },
): void {
  if (unit === 1) {
    hints.place({ kind: 'bits', column: x.column, first, from, offset, widths });
    return;
  }
  const terms = [{ column: x.column, coefficient: 1 }];
  const moved = hints.derive({ kind: 'combine', terms, constant: offset, size: x.size });
  const column = hints.derive({ kind: 'quotient', column: moved, divisor: unit });
  hints.place({ kind: 'bits', column, first, from, offset: new Float64Array(x.size), widths });
}

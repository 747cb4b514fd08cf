import type { Lowering } from '../lower/context.ts';
import type { Side } from '../side.ts';
import type { Quantity } from '../wire-tensor.ts';
import type { Bits } from './bits.ts';
import { freshWires } from './quantity.ts';

/** Numbers chosen by the top bits of a decomposition. */
export interface SegmentSelector {
  /** Adds factor·table[segment of element i]. */
  look(side: Side, i: number, table: Float64Array, factor: number): void;
}

/**
 * A table of 2^k numbers looked up by the k top bits of u, which are already proved to be bits. For every prefix P of
 * those bits, w_P = [u starts with P, then 1] is a product of an expression for [u starts with P] and the next bit; at each
 * level the last one follows from the others, because all of them add up to that bit. A table is then linear in these
 * wires: entry(0…0) + Σ_P w_P·(entry(P, 1, 0…) − entry(P, 0, 0…)). Everything is a product of proved bits, so nothing is
 * left to the prover. Rows: 2^k − k − 1 per element.
 */
export function selectSegment(
  context: Lowering,
  bits: Bits,
  u: Quantity,
  width: number,
  segmentBits: number,
  origin: number,
): SegmentSelector {
  const { system } = context;
  const levels: (Quantity | undefined)[] = [];
  const bitOf = (side: Side, i: number, level: number, factor: number): void =>
    bits.bit(side, i, width - 1 - level, factor);
  /** w of prefix P at a level; prefix 0 is what the level's bit leaves over. */
  const turn = (side: Side, i: number, level: number, prefix: number, factor: number): void => {
    const own = levels[level];
    const count = 2 ** level - 1;
    if (prefix > 0) {
      own?.emit(side, i * count + prefix - 1, factor);
      return;
    }
    bitOf(side, i, level, factor);
    for (let other = 1; other <= count; other++) own?.emit(side, i * count + other - 1, -factor);
  };
  /** [u starts with the `level` bits of P], for P > 0: its last turn to the right, less the turns taken since. */
  const starts = (side: Side, i: number, level: number, prefix: number, factor: number): void => {
    let [at, rest] = [level, prefix];
    while (at > 0) {
      const above = Math.floor(rest / 2);
      if (rest % 2 === 1) {
        turn(side, i, at - 1, above, factor);
        return;
      }
      turn(side, i, at - 1, above, -factor);
      [at, rest] = [at - 1, above];
    }
    side.add(0, factor);
  };
  for (let level = 0; level < segmentBits; level++) {
    const count = 2 ** level - 1;
    if (count === 0) {
      levels.push(undefined);
      continue;
    }
    const wires = freshWires(context, turnColumn(context, u, width, level), u.size * count, origin);
    for (let i = 0; i < u.size; i++) {
      for (let prefix = 1; prefix <= count; prefix++) {
        starts(system.a, i, level, prefix, 1);
        bitOf(system.b, i, level, 1);
        wires.emit(system.c, i * count + prefix - 1, 1);
        system.closeRow(origin);
      }
    }
    levels.push(wires);
  }
  return {
    look(side, i, table, factor) {
      side.add(0, factor * table[0] + 0);
      for (let level = 0; level < segmentBits; level++) {
        const stride = 2 ** (segmentBits - level);
        for (let prefix = 0; prefix < 2 ** level; prefix++) {
          const left = prefix * stride;
          turn(side, i, level, prefix, factor * (table[left + stride / 2] - table[left]) + 0);
        }
      }
    },
  };
}

/** Honest values of w_P for the prefixes 1 … 2^level − 1 of every element: whether the top bits are P followed by 1. */
function turnColumn({ hints }: Lowering, u: Quantity, width: number, level: number): number {
  const count = 2 ** level - 1;
  const top = hints.derive({ kind: 'quotient', column: u.column, divisor: 2 ** (width - 1 - level) });
  const size = u.size * count;
  const index = Int32Array.from({ length: size }, (_, i) => Math.floor(i / count));
  const repeated = hints.derive({ kind: 'gather', columns: [top], index });
  const constant = Float64Array.from({ length: size }, (_, i) => -(2 * ((i % count) + 1) + 1));
  const terms = [{ column: repeated, coefficient: 1 }];
  return hints.derive({ kind: 'zero', column: hints.derive({ kind: 'combine', terms, constant, size }) });
}

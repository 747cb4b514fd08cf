import type { Lowering } from '../lower/context.ts';
import type { Side } from '../side.ts';
import type { Quantity } from '../wire-tensor.ts';
import type { Bits } from './bits.ts';
import { Assembly, freshWires, indicesWhere } from './quantity.ts';
import { zeroByInverse } from './zero.ts';

export interface PatternOptions {
  /** Bits from `from` to `to[i]` − 1 are looked at. */
  readonly from: number;
  readonly to: Uint8Array;
  /** What the topmost of them shall be; the others shall be 0. */
  readonly top: 0 | 1;
  /** Honest values of the number that these bits form, less the pattern's own. */
  readonly column: number;
  readonly origin: number;
}

/**
 * Whether bits of a decomposition are as a pattern says, as 0 or 1: the bit itself where there is one, the product of
 * two, else whether the number they form is the pattern's (a test for zero, which is unique). Sound because the bits
 * are already proved to be bits. Rows: `patternRows` of the count.
 */
export function matchPattern(context: Lowering, bits: Bits, options: PatternOptions): Quantity {
  const { from, to, top, column, origin } = options;
  const { system, hints } = context;
  const answer = new Assembly(new Float64Array(bits.size));
  const literal = (side: Side, i: number, k: number, factor: number): void => {
    const wanted = k === to[i] - 1 ? top : 0;
    bits.bit(side, i, k, wanted === 1 ? factor : -factor);
    if (wanted === 0) side.add(0, factor);
  };
  const counted = (test: (count: number) => boolean): Int32Array => indicesWhere(bits.size, (i) => test(to[i] - from));
  const select = (elements: Int32Array): number => hints.derive({ kind: 'gather', columns: [column], index: elements });
  const one = counted((count) => count === 1);
  answer.put(one, { size: one.length, emit: (side, i, factor) => literal(side, one[i], from, factor) });
  const two = counted((count) => count === 2);
  if (two.length > 0) {
    const product = freshWires(context, hints.derive({ kind: 'zero', column: select(two) }), two.length, origin);
    for (let i = 0; i < two.length; i++) {
      literal(system.a, two[i], from, 1);
      literal(system.b, two[i], from + 1, 1);
      product.emit(system.c, i, 1);
      system.closeRow(origin);
    }
    answer.put(two, product);
  }
  const more = counted((count) => count > 2);
  if (more.length > 0) {
    const difference: Quantity = {
      size: more.length,
      terms: 2,
      column: select(more),
      emit(side, i, factor) {
        const element = more[i];
        bits.span(side, element, from, to[element], factor);
        side.add(0, -factor * top * 2 ** (to[element] - from - 1) + 0);
      },
    };
    answer.put(more, zeroByInverse(context, difference, origin));
  }
  return { ...answer.finish(), terms: 1, column: hints.derive({ kind: 'zero', column }) };
}

import { bitLength } from '../../quant/width.ts';
import type { Lowering } from '../lower/context.ts';
import type { Quantity } from '../wire-tensor.ts';
import { decompose } from './bits.ts';
import { combine, freshWires } from './quantity.ts';

export interface QuotientOptions {
  readonly shift: number;
  /** Bounds of the quotient. */
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  /** Honest values of the quotient. */
  readonly column: number;
  readonly origin: number;
  /** Widths to enforce instead of what the bounds need. */
  readonly widths?: Uint8Array;
}

/**
 * y = floor(x / 2^shift) as one wire: y − lo is range-checked to its width, and what is left over, x − 2^shift·y, to
 * `shift` bits. Integer division with remainder is unique, so that both are; y's offset is free because the remainder
 * is checked on its own. Assumes nothing of x: it is forced into 2^shift·[lo, lo + 2^width). Rows: `quotientRows`.
 */
export function floorQuotient(context: Lowering, x: Quantity, options: QuotientOptions): Quantity {
  const { shift, lo, hi, column, origin } = options;
  const y = freshWires(context, column, x.size, origin);
  const widths = options.widths ?? Uint8Array.from(lo, (least, i) => bitLength(hi[i] - least));
  decompose(context, y, { widths, offset: lo.map((least) => -least + 0), origin });
  const rest = combine(
    context,
    [
      [x, 1],
      [y, -(2 ** shift)],
    ],
    0,
  );
  checkRest(context, rest, shift, origin);
  return y;
}

/** y = ceil(x / 2^shift), likewise with 2^shift·y − x. */
export function ceilQuotient(context: Lowering, x: Quantity, options: QuotientOptions): Quantity {
  const { shift, lo, hi, column, origin } = options;
  const y = freshWires(context, column, x.size, origin);
  const widths = Uint8Array.from(lo, (least, i) => bitLength(hi[i] - least));
  decompose(context, y, { widths, offset: lo.map((least) => -least + 0), origin });
  const rest = combine(
    context,
    [
      [y, 2 ** shift],
      [x, -1],
    ],
    0,
  );
  checkRest(context, rest, shift, origin);
  return y;
}

/** Always written out, never folded into a bit: two wires or more take part. */
function checkRest(context: Lowering, rest: Quantity, shift: number, origin: number): void {
  const widths = new Uint8Array(rest.size).fill(shift);
  decompose(
    context,
    { ...rest, terms: Math.max(2, rest.terms) },
    { widths, offset: new Float64Array(rest.size), origin },
  );
}

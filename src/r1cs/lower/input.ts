import { elementGrid } from '../../quant/columns.ts';
import { decompose } from '../gadgets/bits.ts';
import { wires } from '../wire-tensor.ts';
import type { Lower } from './context.ts';

/**
 * Range check of every element: x − lo in [0, 2^bits), with x itself in place of bit 0 (see gadgets/bits.ts). After it
 * x is an integer within its declared bounds, whatever the prover supplied. Rows: `bits` per element.
 */
export const lowerInput: Lower<'input'> = (context, node) => {
  const { hints, id } = context;
  const size = context.ranges[id].lo.length;
  const first = context.inputWire(node.name);
  const x = wires(first, size);
  hints.place({ kind: 'copy', column: id, first });
  const widths = new Uint8Array(size);
  const offset = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const { lo, bits } = elementGrid(node, i);
    widths[i] = bits;
    offset[i] = -lo + 0;
  }
  decompose(context, { ...x, terms: 1, column: id }, { widths, offset, origin: context.origin('range-check') });
  return x;
};

import { elementGrid } from '../../quant/columns.ts';
import { wires } from '../wire-tensor.ts';
import type { Lower } from './context.ts';
import { constrainBoolean } from './context.ts';

/**
 * Range check of every element: x − lo in [0, 2^bits). Bits 1 and up are wires; bit 0 is x − lo − Σ 2^i·bit_i and is
 * forced to be boolean by its own square. Sound because the bits then determine x − lo as an integer below 2^bits;
 * unique because a number below 2^bits has one binary form. `bits` rows per element.
 */
export const lowerInput: Lower<'input'> = (context, node) => {
  const { system, hints, id } = context;
  const size = context.ranges[id].lo.length;
  const first = context.inputWire(node.name);
  const origin = context.origin('range-check');
  const grids = Array.from({ length: size }, (_, i) => elementGrid(node, i));
  const counts = Uint8Array.from(grids, ({ bits }) => bits - 1);
  const offset = Float64Array.from(grids, ({ lo }) => -lo + 0);
  const bit = system.allocateWires(
    counts.reduce((sum, count) => sum + count, 0),
    origin,
  );
  hints.push({ kind: 'copy', node: id, first });
  hints.push({ kind: 'bits', node: id, first: bit, from: 1, offset, counts });
  let own = bit;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < counts[i]; k++) constrainBoolean(context, own + k, origin);
    for (const side of [system.a, system.b, system.c]) {
      side.add(first + i, 1);
      side.add(0, offset[i]);
      for (let k = 0; k < counts[i]; k++) side.add(own + k, -(2 ** (k + 1)));
    }
    system.closeRow(origin);
    own += counts[i];
  }
  return wires(first, size);
};

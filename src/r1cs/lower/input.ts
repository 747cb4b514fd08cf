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
  const upper = node.bits - 1;
  const bit = system.allocateWires(size * upper, origin);
  hints.push({ kind: 'copy', node: id, first });
  hints.push({
    kind: 'bits',
    node: id,
    first: bit,
    from: 1,
    offset: new Float64Array(size).fill(-node.lo),
    counts: new Uint8Array(size).fill(upper),
  });
  for (let i = 0; i < size; i++) {
    const own = bit + i * upper;
    for (let k = 0; k < upper; k++) constrainBoolean(context, own + k, origin);
    for (const side of [system.a, system.b, system.c]) {
      side.add(first + i, 1);
      side.add(0, -node.lo + 0);
      for (let k = 0; k < upper; k++) side.add(own + k, -(2 ** (k + 1)));
    }
    system.closeRow(origin);
  }
  return wires(first, size);
};

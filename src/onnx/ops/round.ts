import type { RoundNode } from '../../graph/graph.ts';
import { isReal } from '../../tensor/dtype.ts';
import { input, type OpHandler, type OpTable } from '../op.ts';

/** Integers are their own rounding. */
function rounding(mode: RoundNode['mode']): OpHandler {
  return (context) => {
    const { b } = context;
    const x = input(context, 0);
    const dtype = b.dtype(x);
    return [isReal(dtype) ? b.push({ kind: 'round', inputs: [x], shape: b.shape(x), dtype, mode }) : x];
  };
}

export const ops: OpTable = { Floor: rounding('floor'), Ceil: rounding('ceil'), Round: rounding('even') };

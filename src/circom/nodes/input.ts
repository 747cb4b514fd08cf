import { elementGrid } from '../../quant/columns.ts';
import { type Emit, indices } from '../emission.ts';
import { forEach } from '../text.ts';

/** Every element is proved to be an integer within its declared bounds. */
export const emitInput: Emit<'input'> = ({ name, node, own }) => {
  const at = indices(own.lo.length, () => true);
  const grids = at.map((i) => elementGrid(node, i));
  return forEach({ at, lo: grids.map(({ lo }) => lo), bits: grids.map(({ bits }) => bits) }, ({ at, lo, bits }) => [
    `RangeCheck(${bits})(${name}[${at}] - ${lo});`,
  ]);
};

import type { ColumnGrid, Range } from './qgraph.ts';

/** What says how the elements of an input become integers; see `QInput`. */
interface Gridded extends ColumnGrid {
  readonly columns?: readonly ColumnGrid[];
}

/** The grid of one element of an input. */
export function elementGrid(input: Gridded, index: number): ColumnGrid {
  return input.columns === undefined ? input : input.columns[index % input.columns.length];
}

/** The bounds that the range checks of an input enforce. */
export function inputRange(input: Gridded, size: number): Range {
  const lo = new Float64Array(size);
  const hi = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const grid = elementGrid(input, i);
    lo[i] = grid.lo;
    hi[i] = grid.lo + 2 ** grid.bits - 1;
  }
  return { lo, hi };
}

import type { Range } from '../quant/qgraph.ts';
import { span } from '../quant/width.ts';
import { type Lanes, lanesFor, wordCount } from '../tensor/lanes.ts';

/** How a tensor of `size` elements fills `words` field elements. */
export interface Packing extends Lanes {
  readonly words: number;
  readonly size: number;
}

export function packingOf(range: Range): Packing {
  const lanes = lanesFor(...span(range));
  const size = range.lo.length;
  return { ...lanes, words: wordCount(lanes, size), size };
}

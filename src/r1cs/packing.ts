import type { QGraph, Range } from '../quant/qgraph.ts';
import { span } from '../quant/width.ts';
import { type Lanes, lanesFor, wordCount } from '../tensor/lanes.ts';
import type { InputVisibility, OutputVisibility } from '../tensor/visibility.ts';

/** How a tensor of `size` elements fills `words` field elements. */
export interface Packing extends Lanes {
  readonly words: number;
  readonly size: number;
}

/** What verifiers see of a tensor: all its words, one commitment, or no signal at all. */
export interface Published<Visibility> extends Packing {
  readonly name: string;
  readonly node: number;
  readonly visibility: Visibility;
  readonly signals: number;
}

export type PublishedInput = Published<InputVisibility>;
export type PublishedOutput = Published<OutputVisibility>;

/** What a graph publishes, in the order of the signals. */
export function publishedTensors(graph: QGraph, ranges: readonly Range[]) {
  const outputs = graph.outputs.map(({ name, node, visibility = 'public' }): PublishedOutput => {
    const packing = packingOf(ranges[node]);
    return { name, node, visibility, ...packing, signals: visibility === 'hashed' ? 1 : packing.words };
  });
  const inputs = graph.nodes.flatMap((node, id): PublishedInput[] => {
    if (node.kind !== 'input') return [];
    const { name, visibility = 'private' } = node;
    const packing = packingOf(ranges[id]);
    const signals = { private: 0, public: packing.words, hashed: 1 };
    return [{ name, node: id, visibility, ...packing, signals: signals[visibility] }];
  });
  return { outputs, inputs };
}

function packingOf(range: Range): Packing {
  const lanes = lanesFor(...span(range));
  const size = range.lo.length;
  return { ...lanes, words: wordCount(lanes, size), size };
}

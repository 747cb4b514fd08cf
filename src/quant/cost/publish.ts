import { permutationsFor } from '../../field/commitment.ts';
import { boxCount } from '../../field/poseidon.ts';
import { lanesFor, wordCount } from '../../tensor/lanes.ts';
import type { InputVisibility, OutputVisibility } from '../../tensor/visibility.ts';
import type { QGraph, Range } from '../qgraph.ts';
import { span } from '../width.ts';

/** Rows that make an output public: one per element and per word, and for a commitment those of its permutations. */
export function outputRows(range: Range, visibility: OutputVisibility = 'public'): number {
  return range.lo.length + wordsOf(range) + (visibility === 'hashed' ? commitmentRows(wordsOf(range)) : 0);
}

/** Rows that make an input public, beside its range checks. */
export function publicInputRows(range: Range, visibility: InputVisibility = 'private'): number {
  if (visibility === 'private') return 0;
  return wordsOf(range) + (visibility === 'hashed' ? commitmentRows(wordsOf(range)) : 0);
}

/** Public signals of a model: outputs, the binding, inputs. */
export function publicSignals({ nodes, outputs }: QGraph, ranges: readonly Range[]): number {
  let signals = 1;
  for (const { node, visibility } of outputs) signals += visibility === 'hashed' ? 1 : wordsOf(ranges[node]);
  for (const [id, node] of nodes.entries()) {
    if (node.kind !== 'input' || (node.visibility ?? 'private') === 'private') continue;
    signals += node.visibility === 'hashed' ? 1 : wordsOf(ranges[id]);
  }
  return signals;
}

function wordsOf(range: Range): number {
  return wordCount(lanesFor(...span(range)), range.lo.length);
}

/** Three rows per S-box. */
function commitmentRows(words: number): number {
  return 3 * boxCount * permutationsFor(words);
}

import type { Graph } from '../graph.ts';
import { foldAffine } from './fold-affine.ts';
import { foldTree } from './fold-tree.ts';
import { fuseMaps } from './fuse-maps.ts';
import { reluAfterMax } from './relu-after-max.ts';
import { removeDead } from './remove-dead.ts';
import { skipUnread } from './skip-unread.ts';

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/** The passes in the order they run; each leaves a graph that computes the same values. */
export const passes: readonly Pass[] = [
  { name: 'remove-dead', run: removeDead },
  { name: 'fuse-maps', run: fuseMaps },
  { name: 'skip-unread', run: skipUnread },
  { name: 'fuse-maps-again', run: fuseMaps },
  { name: 'drop-unread-maps', run: removeDead },
  { name: 'fold-affine', run: foldAffine },
  { name: 'drop-folded', run: removeDead },
  { name: 'fold-affine-again', run: foldAffine },
  { name: 'fold-tree', run: foldTree },
  { name: 'relu-after-max', run: reluAfterMax },
  { name: 'sweep', run: removeDead },
];

/** Runs the passes; `after` sees the graph each one leaves (`--print-after`). */
export function simplify(graph: Graph, after?: (pass: string, graph: Graph) => void): Graph {
  let current = graph;
  for (const { name, run } of passes) {
    current = run(current);
    after?.(name, current);
  }
  return current;
}

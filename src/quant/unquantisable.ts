import { VouchError } from '../errors.ts';
import type { GraphNode } from '../graph/graph.ts';

/** A primitive that has no proved integer form at the bounds or precision at hand; `fix` says what would give it one. */
export class UnquantisableError extends VouchError {
  override readonly name = 'UnquantisableError';
  constructor(node: GraphNode, reason: string, fix?: string) {
    super(`${node.origin.op} "${node.origin.node}" cannot be computed in integers`, {
      metaMessages: [`${node.kind}: ${reason}`, ...(fix === undefined ? [] : [fix])],
    });
  }
}

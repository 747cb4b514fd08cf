import type { TreeEnsemble, TreeTest } from '../../graph/tree.ts';
import { UnsupportedError } from '../unsupported.ts';

/** One node of a tree as a file gives it, in any order. */
export type LooseNode = Branch | Leaf;

interface Branch {
  readonly feature: number;
  readonly test: TreeTest;
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
}

export interface Leaf {
  /** What a sample that ends here adds, and to which target. */
  readonly weights: readonly (readonly [target: number, weight: number])[];
}

export interface LooseTrees {
  readonly roots: readonly number[];
  readonly nodes: readonly LooseNode[];
}

export interface TreeSettings {
  readonly features: number;
  readonly targets: number;
  readonly single: boolean;
}

export const isLeaf = (node: LooseNode): node is Leaf => 'weights' in node;

/** A subtree that several nodes share is laid out for each of them, up to this many nodes. */
const mostNodes = 2 ** 21;
/** Bounds are worked out for every node and target. */
const mostBounds = 2 ** 25;

/**
 * Lays trees out in arrays, parents before children, every node with one parent. Refuses cycles and references outside
 * the tree, its features or targets.
 */
export function layoutTrees({ roots, nodes }: LooseTrees, { features, targets, single }: TreeSettings): TreeEnsemble {
  checkAcyclic(roots, nodes);
  const { order, left, right, starts } = unfold(roots, nodes);
  const size = order.length;
  if (!(targets >= 1 && targets * (size + 1) <= mostBounds)) {
    const fix = 'Split the model into several with fewer targets.';
    throw new UnsupportedError(`${targets} targets of ${size} tree nodes are not supported`, fix);
  }
  const feature = new Int32Array(size);
  const threshold = new Float64Array(size);
  const test = new Array<TreeTest>(size).fill('le');
  const leafStart = new Int32Array(size + 1);
  const leafTarget: number[] = [];
  const leafWeight: number[] = [];
  for (const [at, index] of order.entries()) {
    const node = nodes[index];
    if (isLeaf(node)) {
      for (const [target, weight] of node.weights) {
        if (!(target >= 0 && target < targets)) throw malformed(`a leaf names target ${target} of ${targets}`);
        leafTarget.push(target);
        leafWeight.push(weight);
      }
    } else {
      if (!(node.feature >= 0 && node.feature < features)) {
        throw malformed(`a tree reads feature ${node.feature} of ${features}`);
      }
      if (Number.isNaN(node.threshold)) throw malformed('a threshold is not a number');
      feature[at] = node.feature;
      threshold[at] = node.threshold;
      test[at] = node.test;
    }
    leafStart[at + 1] = leafTarget.length;
  }
  return {
    roots: Int32Array.from(starts),
    feature,
    threshold,
    test,
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    leafStart,
    leafTarget: Int32Array.from(leafTarget),
    leafWeight: Float64Array.from(leafWeight),
    targets,
    base: new Float64Array(targets),
    single,
  };
}

/** Which node stands at each place, and the places of its children. */
function unfold(roots: readonly number[], nodes: readonly LooseNode[]) {
  const order: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const starts = roots.map((root) => {
    const start = order.length;
    const waiting = [{ index: root, parent: -1, siblings: left }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const place = order.push(next.index) - 1;
      if (place >= mostNodes) throw malformed(`its shared branches unfold to more than ${mostNodes} nodes`);
      if (next.parent >= 0) next.siblings[next.parent] = place;
      left.push(-1);
      right.push(-1);
      const node = nodes[next.index];
      if (isLeaf(node)) continue;
      waiting.push({ index: node.right, parent: place, siblings: right });
      waiting.push({ index: node.left, parent: place, siblings: left });
    }
    return start;
  });
  return { order, left, right, starts };
}

function checkAcyclic(roots: readonly number[], nodes: readonly LooseNode[]): void {
  const state = new Uint8Array(nodes.length);
  const [open, done] = [1, 2];
  for (const root of roots) {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack[stack.length - 1];
      const node = nodes[index];
      if (node === undefined) throw malformed(`a tree refers to node ${index}, which does not exist`);
      if (state[index] !== 0) {
        stack.pop();
        state[index] = done;
        continue;
      }
      state[index] = open;
      for (const child of isLeaf(node) ? [] : [node.right, node.left]) {
        if (state[child] === open) throw malformed('a tree contains a cycle');
        if (state[child] !== done) stack.push(child);
      }
    }
  }
}

const malformed = (message: string): UnsupportedError => new UnsupportedError(message, 'Re-export the model.');

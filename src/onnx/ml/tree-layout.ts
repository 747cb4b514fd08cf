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

/** Lays trees out in arrays, parents first. Refuses cycles and references outside the tree, its features or targets. */
export function layoutTrees({ roots, nodes }: LooseTrees, { features, targets, single }: TreeSettings): TreeEnsemble {
  const order = parentsFirst(roots, nodes);
  const place = new Int32Array(nodes.length).fill(-1);
  for (const [at, node] of order.entries()) place[node] = at;
  const size = order.length;
  const feature = new Int32Array(size);
  const threshold = new Float64Array(size);
  const test = new Array<TreeTest>(size).fill('le');
  const left = new Int32Array(size).fill(-1);
  const right = new Int32Array(size).fill(-1);
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
      left[at] = place[node.left];
      right[at] = place[node.right];
    }
    leafStart[at + 1] = leafTarget.length;
  }
  return {
    roots: Int32Array.from(roots, (root) => place[root]),
    feature,
    threshold,
    test,
    left,
    right,
    leafStart,
    leafTarget: Int32Array.from(leafTarget),
    leafWeight: Float64Array.from(leafWeight),
    targets,
    base: new Float64Array(targets),
    single,
  };
}

/** Nodes the roots reach, every parent before its children: the reverse of the order in which a search leaves them. */
function parentsFirst(roots: readonly number[], nodes: readonly LooseNode[]): number[] {
  const left: number[] = [];
  const state = new Uint8Array(nodes.length);
  const [open, done] = [1, 2];
  for (const root of [...roots].reverse()) {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack[stack.length - 1];
      const node = nodes[index];
      if (node === undefined) throw malformed(`a tree refers to node ${index}, which does not exist`);
      const children = isLeaf(node) ? [] : [node.right, node.left];
      if (state[index] === 0) {
        state[index] = open;
        for (const child of children) {
          if (state[child] === open) throw malformed('a tree contains a cycle');
          if (state[child] !== done) stack.push(child);
        }
        continue;
      }
      stack.pop();
      if (state[index] === open) {
        state[index] = done;
        left.push(index);
      }
    }
  }
  return left.reverse();
}

const malformed = (message: string): UnsupportedError => new UnsupportedError(message, 'Re-export the model.');

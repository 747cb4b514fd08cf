import type { QTree } from '../../quant/qgraph.ts';
import type { TestList } from './tree-tests.ts';

/** One tree in one row, without the tests that bounds decide. */
export interface TreeOf {
  readonly root: Subtree;
  /** Every inner node. */
  readonly inner: readonly Inner[];
  /** The targets that leaves add to. */
  readonly targets: ReadonlySet<number>;
}

export type Subtree = Inner | { readonly kind: 'leaf'; readonly leaf: number };

export interface Inner {
  readonly kind: 'inner';
  readonly test: number;
  readonly left: Subtree;
  readonly right: Subtree;
}

export function openTree(node: QTree, tests: TestList, row: number, root: number): TreeOf {
  const inner: Inner[] = [];
  const targets = new Set<number>();
  const open = (at: number): Subtree => {
    if (node.left[at] < 0) {
      for (let j = node.leafStart[at]; j < node.leafStart[at + 1]; j++) targets.add(node.leafTarget[j]);
      return { kind: 'leaf', leaf: at };
    }
    const element = node.gather[row * node.features + node.feature[at]];
    const test = { element, threshold: node.threshold[at], equality: node.equality[at] === 1 };
    const known = tests.known(test);
    if (known !== undefined) return open(known ? node.left[at] : node.right[at]);
    const made: Inner = {
      kind: 'inner',
      test: tests.add(test),
      left: open(node.left[at]),
      right: open(node.right[at]),
    };
    inner.push(made);
    return made;
  };
  return { root: open(root), inner, targets };
}

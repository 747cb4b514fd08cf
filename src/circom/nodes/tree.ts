import type { QTree } from '../../quant/qgraph.ts';
import type { Emit } from '../emission.ts';
import { sumOf } from '../text.ts';
import { makeTests, TestList } from './tree-tests.ts';
import { openTree, type Subtree, type TreeOf } from './tree-walk.ts';

/**
 * Decision trees. Every open test is one bit, made once. A tree then climbs: a node's value is right + c·(left − right), for
 * every target; or it branches: [the node is reached and goes left] is a product of [it is reached] and c, and every leaf
 * is linear in these. The cheaper of the two; a tree of leaves and tests alone costs nothing more.
 */
export const emitTree: Emit<'tree'> = (emission) => {
  const { name, node, operands, own } = emission;
  const elements = operands.flatMap(({ name, range }) =>
    Array.from(range.lo, (lo, i) => ({ text: `${name}[${i}]`, lo, hi: range.hi[i] })),
  );
  const tests = new TestList(elements);
  const sums = Array.from(own.lo, (_, i): Sum => ({ terms: [], constant: node.base[i % node.targets] }));
  const lines: string[] = [];
  let inner = 0;
  for (let row = 0; row < node.rows; row++) {
    const into = sums.slice(row * node.targets, (row + 1) * node.targets);
    for (const root of node.roots) {
      const tree = openTree(node, tests, row, root);
      const text: TreeText = {
        lines,
        answer: (test) => `${name}_test[${test}]`,
        fresh: () => `${name}_inner[${inner++}]`,
      };
      if (climbingCost(tree) <= branchingCost(tree)) climb(text, node, tree, into);
      else branch(text, node, tree, into);
    }
  }
  const published = sums.map(({ terms, constant }, i) => `${name}[${i}] <== ${sumOf(terms, constant)};`);
  return [
    ...(tests.list.length === 0 ? [] : [`signal ${name}_test[${tests.list.length}];`]),
    ...makeTests(name, tests),
    ...(inner === 0 ? [] : [`signal ${name}_inner[${inner}];`]),
    ...lines,
    ...published,
  ];
};

interface TreeText {
  readonly lines: string[];
  answer(test: number): string;
  /** A signal for a value inside a tree. */
  fresh(): string;
}

interface Sum {
  readonly terms: [number, string][];
  constant: number;
}

/** A product for every inner node that does not stand on two leaves, for every target that a leaf reaches. */
function climbingCost({ inner, targets }: TreeOf): number {
  return inner.filter(({ left, right }) => left.kind === 'inner' || right.kind === 'inner').length * targets.size;
}

/** A product for every inner node but the root. */
function branchingCost({ inner }: TreeOf): number {
  return Math.max(0, inner.length - 1);
}

/** A number, or a signal. */
type Value = { readonly constant: number } | { readonly signal: string };

function climb(text: TreeText, node: QTree, { root }: TreeOf, into: readonly Sum[]): void {
  for (let target = 0; target < node.targets; target++) {
    const value = climbTo(text, node, root, target);
    if ('constant' in value) into[target].constant += value.constant;
    else into[target].terms.push([1, value.signal]);
  }
}

function climbTo(text: TreeText, node: QTree, at: Subtree, target: number): Value {
  if (at.kind === 'leaf') return { constant: leafWeight(node, at.leaf, target) };
  const [left, right] = [climbTo(text, node, at.left, target), climbTo(text, node, at.right, target)];
  if ('constant' in left && 'constant' in right && left.constant === right.constant) return left;
  const signal = text.fresh();
  const terms = (value: Value, sign: number): [number, string][] => ('signal' in value ? [[sign, value.signal]] : []);
  const number = (value: Value): number => ('constant' in value ? value.constant : 0);
  const step = sumOf([...terms(left, 1), ...terms(right, -1)], number(left) - number(right));
  text.lines.push(`${signal} <== ${text.answer(at.test)} * (${step}) + ${sumOf(terms(right, 1), number(right))};`);
  return { signal };
}

function branch(text: TreeText, node: QTree, { root }: TreeOf, into: readonly Sum[]): void {
  const descend = (at: Subtree, reached: readonly (readonly [number, string])[], always: number): void => {
    if (at.kind === 'leaf') {
      for (const [target, sum] of into.entries()) {
        const weight = leafWeight(node, at.leaf, target);
        sum.constant += weight * always;
        if (weight !== 0) sum.terms.push(...reached.map(([sign, term]): [number, string] => [weight * sign, term]));
      }
      return;
    }
    const left = text.fresh();
    text.lines.push(`${left} <== (${sumOf(reached, always)}) * ${text.answer(at.test)};`);
    descend(at.left, [[1, left]], 0);
    descend(at.right, [...reached, [-1, left]], always);
  };
  descend(root, [], 1);
}

function leafWeight({ leafStart, leafTarget, leafWeight }: QTree, leaf: number, target: number): number {
  let sum = 0;
  for (let j = leafStart[leaf]; j < leafStart[leaf + 1]; j++) if (leafTarget[j] === target) sum += leafWeight[j];
  return sum;
}

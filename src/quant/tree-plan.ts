import { concatenate } from '../graph/kernels/movement.ts';
import type { QTree, Range } from './qgraph.ts';
import { planTests, TestBook, type TestPlan } from './tree-tests.ts';

/**
 * How an ensemble is evaluated. Trees of few targets climb: a node's value is right + c·(left − right) from its
 * children's, one row unless both are constants. Trees of many targets branch: an indicator per inner node says that it
 * is reached and goes left, one row unless its parent is certain; leaves are then linear. Each tree takes the cheaper.
 */
export interface TreePlan {
  /** Rows of all tests and all products. */
  readonly rows: number;
  readonly tests: TestPlan;
  /** Children before parents. */
  readonly climbs: readonly Climb[];
  /** Parents before children. */
  readonly branches: readonly Branch[];
  /** What each element of the result adds up: a constant, climbs, and branches times numbers. */
  readonly constants: Float64Array;
  readonly climbed: readonly (readonly number[])[];
  readonly branched: readonly ReadonlyMap<number, number>[];
}

/** A constant where `climb` is −1, else another node's value. */
export interface TreeValue {
  readonly climb: number;
  readonly constant: number;
}

export interface Climb {
  readonly test: number;
  readonly left: TreeValue;
  readonly right: TreeValue;
  /** 1 above constants only. */
  readonly height: number;
}

/** [the parent is reached] · [its test is as `side` says] · [the own test is true]; parent −1 is always reached. */
export interface Branch {
  readonly test: number;
  readonly parent: number;
  readonly side: 'left' | 'right';
  /** 1 at the root. */
  readonly depth: number;
}

export function planTrees(tree: QTree, operands: readonly Range[]): TreePlan {
  const lo = concatenate(operands.map((x) => x.lo));
  const hi = concatenate(operands.map((x) => x.hi));
  const { rows, targets, roots, base } = tree;
  const book = new TestBook(lo, hi);
  const climbs: Climb[] = [];
  const branches: Branch[] = [];
  const size = rows * targets;
  const constants = Float64Array.from({ length: size }, (_, i) => base[i % targets]);
  const climbed = Array.from({ length: size }, (): number[] => []);
  const branched = Array.from({ length: size }, () => new Map<number, number>());
  for (let row = 0; row < rows; row++) {
    for (const root of roots) {
      const walk = walkTree(tree, book, row, root);
      if (walk.climbingRows <= walk.branchingRows) {
        climbTree(tree, walk, climbs, (target, value) => {
          const at = row * targets + target;
          if (value.climb < 0) constants[at] += value.constant;
          else climbed[at].push(value.climb);
        });
      } else {
        branchTree(tree, walk, branches, branched.slice(row * targets, (row + 1) * targets), (target, weight) => {
          constants[row * targets + target] += weight;
        });
      }
    }
  }
  const tests = planTests(book);
  const products = climbs.filter(({ height }) => height > 1).length + branches.filter(({ depth }) => depth > 1).length;
  return { rows: tests.rows + products, tests, climbs, branches, constants, climbed, branched };
}

/** One tree in one row, with the tests that the bounds decide already followed. */
interface Walk {
  readonly root: number;
  /** Below each test that is open: the nodes that its two answers lead to, themselves open or leaves. */
  readonly open: ReadonlyMap<number, { readonly left: number; readonly right: number; readonly test: () => number }>;
  /** Open nodes, parents before children. */
  readonly order: readonly number[];
  readonly climbingRows: number;
  readonly branchingRows: number;
}

function walkTree(tree: QTree, book: TestBook, row: number, root: number): Walk {
  const { features, gather, feature, threshold, equality, left, right, targets, leafStart, leafTarget } = tree;
  const element = (node: number): number => gather[row * features + feature[node]];
  const settle = (from: number): number => {
    let node = from;
    while (left[node] >= 0) {
      const known = book.answer(element(node), threshold[node], equality[node] === 1);
      if (known === undefined) return node;
      node = known ? left[node] : right[node];
    }
    return node;
  };
  const start = settle(root);
  const open = new Map<number, { left: number; right: number; test: () => number }>();
  const order: number[] = [];
  const stack = [start];
  const used = new Uint8Array(targets);
  while (stack.length > 0) {
    const node = stack.pop() ?? start;
    if (left[node] < 0) {
      for (let j = leafStart[node]; j < leafStart[node + 1]; j++) used[leafTarget[j]] = 1;
      continue;
    }
    const children = { left: settle(left[node]), right: settle(right[node]) };
    const test = (): number => book.id(element(node), threshold[node], equality[node] === 1);
    open.set(node, { ...children, test });
    order.push(node);
    stack.push(children.left, children.right);
  }
  const lowest = order.filter((node) => {
    const below = open.get(node);
    return below !== undefined && left[below.left] < 0 && left[below.right] < 0;
  }).length;
  const climbingRows = (order.length - lowest) * used.reduce((sum, one) => sum + one, 0);
  return { root: start, open, order, climbingRows, branchingRows: Math.max(0, order.length - 1) };
}

function leafValue({ leafStart, leafTarget, leafWeight }: QTree, leaf: number, target: number): number {
  let sum = 0;
  for (let j = leafStart[leaf]; j < leafStart[leaf + 1]; j++) if (leafTarget[j] === target) sum += leafWeight[j];
  return sum;
}

function climbTree(
  tree: QTree,
  { root, open, order }: Walk,
  climbs: Climb[],
  add: (target: number, value: TreeValue) => void,
): void {
  for (let target = 0; target < tree.targets; target++) {
    const values = new Map<number, TreeValue>();
    const valueBelow = (node: number): TreeValue =>
      values.get(node) ?? { climb: -1, constant: leafValue(tree, node, target) };
    for (let i = order.length - 1; i >= 0; i--) {
      const own = open.get(order[i]);
      if (own === undefined) continue;
      const [left, right] = [valueBelow(own.left), valueBelow(own.right)];
      if (left.climb < 0 && right.climb < 0 && left.constant === right.constant) {
        values.set(order[i], left);
        continue;
      }
      const height = 1 + Math.max(heightOf(climbs, left), heightOf(climbs, right));
      climbs.push({ test: own.test(), left, right, height });
      values.set(order[i], { climb: climbs.length - 1, constant: 0 });
    }
    add(target, valueBelow(root));
  }
}

function heightOf(climbs: readonly Climb[], { climb }: TreeValue): number {
  return climb < 0 ? 0 : climbs[climb].height;
}

/** A leaf is reached by as many left turns as right ones: its weight spreads over the indicators above it. */
function branchTree(
  tree: QTree,
  { root, open, order }: Walk,
  branches: Branch[],
  sums: readonly Map<number, number>[],
  addConstant: (target: number, weight: number) => void,
): void {
  const { targets } = tree;
  const places = new Map<number, { parent: number; side: 'left' | 'right' }>([[root, { parent: -1, side: 'left' }]]);
  for (const node of order) {
    const own = open.get(node);
    const place = places.get(node);
    if (own === undefined || place === undefined) continue;
    const depth = place.parent < 0 ? 1 : branches[place.parent].depth + 1;
    branches.push({ test: own.test(), ...place, depth });
    for (const side of ['left', 'right'] as const) {
      const child = own[side];
      const here = { parent: branches.length - 1, side };
      if (open.has(child)) {
        places.set(child, here);
        continue;
      }
      for (let target = 0; target < targets; target++) {
        spread(branches, here, leafValue(tree, child, target), sums[target], (weight) => addConstant(target, weight));
      }
    }
  }
  if (order.length === 0) for (let t = 0; t < targets; t++) addConstant(t, leafValue(tree, root, t));
}

/** weight·[reached]: left of a node is its indicator, right is [the node is reached] less its indicator. */
function spread(
  branches: readonly Branch[],
  leaf: { readonly parent: number; readonly side: 'left' | 'right' },
  weight: number,
  sum: Map<number, number>,
  addConstant: (weight: number) => void,
): void {
  if (weight === 0) return;
  let { parent, side } = leaf;
  while (parent >= 0) {
    sum.set(parent, (sum.get(parent) ?? 0) + (side === 'left' ? weight : -weight));
    if (side === 'left') return;
    ({ parent, side } = branches[parent]);
    if (parent < 0) addConstant(weight);
  }
}

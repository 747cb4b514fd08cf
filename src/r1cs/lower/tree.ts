import { type Climb, planTrees, type TreePlan, type TreeValue } from '../../quant/tree-plan.ts';
import { combine, freshWires, known, multiply, pick } from '../gadgets/quantity.ts';
import { answerTests } from '../gadgets/tests.ts';
import { constants, type Quantity } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * Decision trees. Every test is a bit that x alone determines (gadgets/tests.ts), once however many nodes share it. A tree
 * then either climbs, a node's value being right + c·(left − right), or branches, an indicator of each inner node being
 * [the node is reached]·c; both are products of determined values, so that no path is left to the prover. Rows:
 * those of the tests, and about one per inner node: see `planTrees`.
 */
export const lowerTree: Lower<'tree'> = (context, node) => {
  const ranges = node.inputs.map((_, index) => rangeOfOperand(context, index));
  const plan = planTrees(node, ranges);
  const origin = context.origin('tree');
  if (plan.tests.book.element.length === 0) return constants(plan.constants);
  const tests = answerTests(context, plan.tests, origin);
  const climbs = climb(context, plan, tests, origin);
  const branches = branch(context, plan, tests, origin);
  return {
    size: plan.constants.length,
    emit(side, i, factor) {
      side.add(0, factor * plan.constants[i] + 0);
      for (const at of plan.climbed[i]) climbs?.emit(side, at, factor);
      for (const [at, weight] of plan.branched[i]) branches?.emit(side, at, factor * weight + 0);
    },
  };
};

/** Values of all climbing nodes, from the leaves up; those above constants only are linear. */
function climb(context: Lowering, { climbs }: TreePlan, tests: Quantity, origin: number): Quantity | undefined {
  if (climbs.length === 0) return undefined;
  const groups = groupBy(climbs, ({ height }) => height);
  const found: Quantity[] = [];
  const place = new Int32Array(climbs.length);
  let offset = 0;
  for (const group of groups) {
    const own = group.map((at) => climbs[at]);
    const answers = pick(
      context,
      [tests],
      Int32Array.from(own, ({ test }) => test),
    );
    found.push(
      own[0].height === 1
        ? chooseNumber(context, own, answers)
        : chooseValue(context, own, answers, (value) => readValues(context, found, place, value), origin),
    );
    for (const [i, at] of group.entries()) place[at] = offset + i;
    offset += group.length;
  }
  return pick(context, found, place);
}

/** Positions of items, grouped by a number from 1 on. */
function groupBy<T>(items: readonly T[], key: (item: T) => number): number[][] {
  const groups: number[][] = [];
  for (const [at, item] of items.entries()) {
    const group = groups[key(item) - 1];
    if (group === undefined) groups[key(item) - 1] = [at];
    else group.push(at);
  }
  return groups;
}

function readValues(
  context: Lowering,
  found: readonly Quantity[],
  place: Int32Array,
  values: readonly TreeValue[],
): Quantity {
  const index = Int32Array.from(values, ({ climb }) => (climb < 0 ? -1 : place[climb]));
  const parts = [[pick(context, found, index), 1]] as const;
  return combine(
    context,
    parts,
    Float64Array.from(values, ({ constant }) => constant),
  );
}

function chooseNumber(context: Lowering, climbs: readonly Climb[], answers: Quantity): Quantity {
  const right = Float64Array.from(climbs, (own) => own.right.constant);
  const step = Float64Array.from(climbs, (own, i) => own.left.constant - right[i]);
  const { hints } = context;
  const scaled = hints.derive({ kind: 'product', left: answers.column, right: known(context, step).column });
  const terms = [{ column: scaled, coefficient: 1 }];
  return {
    size: climbs.length,
    terms: answers.terms,
    column: hints.derive({ kind: 'combine', terms, constant: right, size: climbs.length }),
    emit(side, i, factor) {
      answers.emit(side, i, factor * step[i]);
      side.add(0, factor * right[i] + 0);
    },
  };
}

/** Rows c·(left − right) = y − right. */
function chooseValue(
  context: Lowering,
  climbs: readonly Climb[],
  answers: Quantity,
  read: (values: readonly TreeValue[]) => Quantity,
  origin: number,
): Quantity {
  const { system, hints } = context;
  const left = read(climbs.map((own) => own.left));
  const right = read(climbs.map((own) => own.right));
  const parts = [
    [left, 1],
    [right, -1],
  ] as const;
  const difference = combine(context, parts, 0);
  const product = hints.derive({ kind: 'product', left: answers.column, right: difference.column });
  const terms = [product, right.column].map((column) => ({ column, coefficient: 1 }));
  const column = hints.derive({ kind: 'combine', terms, constant: 0, size: climbs.length });
  const y = freshWires(context, column, climbs.length, origin);
  for (let i = 0; i < climbs.length; i++) {
    answers.emit(system.a, i, 1);
    difference.emit(system.b, i, 1);
    y.emit(system.c, i, 1);
    right.emit(system.c, i, -1);
    system.closeRow(origin);
  }
  return y;
}

/** Indicators of all branching nodes, from the roots down; a root's own is its test. */
function branch(context: Lowering, { branches }: TreePlan, tests: Quantity, origin: number): Quantity | undefined {
  if (branches.length === 0) return undefined;
  const groups = groupBy(branches, ({ depth }) => depth);
  const found: Quantity[] = [];
  const place = new Int32Array(branches.length);
  const global = new Int32Array(branches.length);
  let offset = 0;
  let reached = known(context, new Float64Array(groups[0].length).fill(1));
  for (const [level, group] of groups.entries()) {
    const own = group.map((at) => branches[at]);
    const answers = pick(
      context,
      [tests],
      Int32Array.from(own, ({ test }) => test),
    );
    if (level > 0) {
      const above = found[level - 1];
      const from = (side: 'left' | 'right'): Int32Array =>
        Int32Array.from(own, (item) => (item.side === side ? place[item.parent] : -1));
      const parts = [
        [pick(context, [above], from('left')), 1],
        [pick(context, [above], from('right')), -1],
        [pick(context, [reached], from('right')), 1],
      ] as const;
      reached = combine(context, parts, 0);
    }
    found.push(level === 0 ? answers : multiply(context, reached, answers, origin));
    for (const [i, at] of group.entries()) {
      place[at] = i;
      global[at] = offset + i;
    }
    offset += group.length;
  }
  return pick(context, found, global);
}

import type { FunctionNode } from '../graph/graph.ts';
import { smoothOf } from '../graph/smooth.ts';
import { type SmoothShape, shapeOf } from '../graph/smooth-shape.ts';
import { chooseFit, type Plan, planFits } from './choose-fit.ts';
import { type Fit, type FitTask, maxPointBits } from './fit.ts';
import { rescale } from './kernels.ts';
import { type Cuts, cutsFor, prepareCost, upperCut } from './saturate.ts';
import { bitLength } from './width.ts';

/** What a table is to be made for. */
export interface TableTask {
  /** The operand's integers, and the real value of one. */
  readonly bounds: Interval;
  readonly scale: number;
  /** Beyond these reals the operand only gets by rounding. */
  readonly limits: Interval;
  /** The unit the result should have; up to `magnitude` it is accurate to half of that, beyond it to the same share. */
  readonly wanted: number;
  readonly magnitude: number;
  /** Whether the result is rounded to its unit; otherwise it keeps the bits below. */
  readonly rounds: boolean;
}

export type Interval = readonly [lo: number, hi: number];

/** A table and how to prepare its operand. */
export interface Table {
  readonly cuts: Cuts;
  readonly shift: number;
  readonly bits: number;
  /** The integer that the table's operand starts counting from. */
  readonly lo: number;
  readonly unit: number;
  /** The largest |result|. */
  readonly largest: number;
  readonly fit: Fit;
}

/** Shares of the tolerance: cutting off the tails, and requantising the operand. */
const tailShare = 0.75;
const operandShare = 0.5;

const made = new WeakMap<FunctionNode, Map<string, Table | undefined>>();
const planned = new WeakMap<FunctionNode, Map<string, Candidate | undefined>>();

/**
 * The cheapest preparation and table that keep half a unit, the most accurate ones where none do, `undefined` where
 * none is exact in integers. Remembered per node: the search for a precision asks again and again.
 */
export function makeTable(node: FunctionNode, task: TableTask): Table | undefined {
  return remembered(made, node, task, () => fitted(plan(node, task), task));
}

/** The plan is the same whether the result is rounded or not. */
function plan(node: FunctionNode, task: TableTask): Candidate | undefined {
  return remembered(planned, node, { ...task, rounds: false }, () => cheapest(node, task));
}

function remembered<T>(
  known: WeakMap<FunctionNode, Map<string, T | undefined>>,
  node: FunctionNode,
  task: TableTask,
  make: () => T | undefined,
): T | undefined {
  const values = known.get(node) ?? new Map<string, T | undefined>();
  known.set(node, values);
  const key = JSON.stringify(task);
  if (!values.has(key)) values.set(key, make());
  return values.get(key);
}

interface Candidate {
  readonly cuts: Cuts;
  readonly shift: number;
  readonly lo: number;
  readonly task: FitTask;
  readonly plans: readonly Plan[];
  readonly largest: number;
  readonly cost: number;
  /** Estimated error in tolerances. */
  readonly error: number;
}

function cheapest(node: FunctionNode, table: TableTask): Candidate | undefined {
  const { bounds, scale, wanted, magnitude } = table;
  const shape = shapeOf(node.fn);
  const tolerance = (value: number): number => (wanted / 2) * Math.max(1, Math.abs(value) / magnitude);
  const tails = cutsFor(node.fn, shape, scale, bounds, tolerance(0) * tailShare);
  const variants: Cuts[] = [{ error: 0 }];
  if (tails.lo !== undefined) variants.push({ lo: tails.lo, error: tails.error });
  if (tails.hi !== undefined) variants.push({ hi: tails.hi, error: tails.error });
  if (tails.lo !== undefined && tails.hi !== undefined) variants.push(tails);
  let best: Candidate | undefined;
  for (const cuts of variants) {
    const steepest = steepestOf(node, shape, table, cuts, tolerance);
    for (const shift of shiftsFor(table, cuts, steepest)) {
      const candidate = consider(node, shape, table, cuts, shift, steepest, tolerance);
      if (candidate !== undefined && (best === undefined || isBetter(candidate, best))) best = candidate;
    }
  }
  return best;
}

function fitted(candidate: Candidate | undefined, { rounds }: TableTask): Table | undefined {
  if (candidate === undefined) return undefined;
  const { cuts, shift, lo, task, plans, largest } = candidate;
  const fit = chooseFit({ ...task, rounds }, plans);
  return fit === undefined ? undefined : { cuts, shift, lo, bits: task.bits, unit: task.unit, largest, fit };
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const [fitsA, fitsB] = [a.error <= 1, b.error <= 1];
  if (fitsA !== fitsB) return fitsA;
  return fitsA ? a.cost < b.cost : a.error < b.error;
}

type Tolerance = (value: number) => number;

/** The most tolerances the function moves per unit of its operand. */
function steepestOf(
  node: FunctionNode,
  shape: SmoothShape,
  table: TableTask,
  cuts: Cuts,
  tolerance: Tolerance,
): number {
  const f = smoothOf(node.fn);
  const lo = Math.max((cuts.lo ?? table.bounds[0]) * table.scale, table.limits[0]);
  const hi = Math.min((cuts.hi ?? table.bounds[1]) * table.scale, table.limits[1]);
  const samples = 32;
  const points = [lo, hi, ...shape.steepest.filter((x) => x > lo && x < hi)];
  for (let i = 0; i < samples; i++) points.push(lo + ((hi - lo) * (i + 0.5)) / samples);
  const rates = points.map((x) => Math.abs(shape.derivative(x)) / tolerance(f(x)));
  return table.scale * Math.max(...rates.filter(Number.isFinite), 0);
}

/** Requantisations worth trying: the least that leaves few enough values, and the most the tolerance allows. */
function shiftsFor({ bounds }: TableTask, cuts: Cuts, steepest: number): number[] {
  const width = bitLength((cuts.hi ?? bounds[1]) - (cuts.lo ?? bounds[0]));
  const least = Math.max(0, width - maxPointBits);
  const allowed = steepest === 0 ? least : Math.floor(Math.log2((2 * operandShare) / steepest));
  return [...new Set([least, Math.max(least, Math.min(allowed, width - 1))])];
}

function consider(
  node: FunctionNode,
  shape: SmoothShape,
  { bounds, scale, limits, wanted, rounds }: TableTask,
  cuts: Cuts,
  shift: number,
  steepest: number,
  tolerance: Tolerance,
): Candidate | undefined {
  const base = cuts.lo ?? 0;
  const lo = rescale((cuts.lo ?? bounds[0]) - base, shift);
  const hi = rescale(bounds[1] - base, shift);
  const last = (cuts.hi === undefined ? hi : Math.min(hi, upperCut(cuts, shift))) - lo;
  const bits = Math.max(1, bitLength(last));
  const step = scale * 2 ** shift;
  const start = base * scale + lo * step;
  const f = smoothOf(node.fn);
  const at = (u: number): number => f(Math.min(Math.max(start + u * step, limits[0]), limits[1]));
  const task: FitTask = { f: at, bits, first: 0, last, unit: unitFor(shape, cuts, step, wanted), tolerance, rounds };
  const largest = Math.max(...[0, 0.25, 0.5, 0.75, 1].map((part) => Math.abs(at(Math.round(part * last)))));
  const plans = planFits(task, largest);
  const chosen = plans.find(({ error }) => error <= 1) ?? [...plans].sort((a, b) => a.error - b.error)[0];
  if (chosen === undefined) return undefined;
  const cost = prepareCost(bounds, cuts, shift) + chosen.cost;
  const rounding = shift === 0 ? 0 : (steepest * 2 ** shift) / (2 * operandShare);
  const result =
    largest + (cuts.hi === undefined ? 0 : Math.abs(shape.above?.slope ?? 0) * (bounds[1] - cuts.hi) * scale);
  return { cuts, shift, lo, task, plans, largest: result, cost, error: Math.max(chosen.error, rounding) };
}

/** The unit of the result; the operand's, or its half and so on, where a straight tail of it is added. */
function unitFor(shape: SmoothShape, cuts: Cuts, step: number, wanted: number): number {
  const slope = cuts.hi === undefined ? 0 : Math.abs(shape.above?.slope ?? 0);
  if (slope === 0) return wanted;
  return slope * step * 2 ** Math.min(0, Math.floor(Math.log2(wanted / (slope * step))));
}

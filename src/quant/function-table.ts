import type { FunctionNode } from '../graph/graph.ts';
import { smoothOf } from '../graph/smooth.ts';
import { shapeOf } from '../graph/smooth-shape.ts';
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
  /** Expected error in tolerances. */
  readonly error: number;
}

/** Shares of the tolerance: cutting off the tails, and requantising the operand. */
const tailShare = 0.75;
const operandShare = 0.5;

/** A function is split at most this often, each time a sixteenth of the interval off its steeper end. */
const maxSplits = 5;
const splitShare = 16;
/** Results of pieces are rounded this much finer, because they add up. */
const pieceBits = 2;

const made = new WeakMap<FunctionNode, Map<string, readonly Table[]>>();

/**
 * The cheapest preparation and table that keep half a unit. Where none does (a root near zero, a logarithm over many
 * octaves) f is split at points a, b, …: f(x) = f(min(x, a)) + (f(min(max(x, a), b)) − f(a)) + …, a table for each piece.
 * Empty where no table is exact in integers. Remembered per node: the search for a precision asks again and again.
 */
export function makeTables(node: FunctionNode, task: TableTask): readonly Table[] {
  const known = made.get(node) ?? new Map<string, readonly Table[]>();
  made.set(node, known);
  const key = JSON.stringify(task);
  const found = known.get(key) ?? tablesFor(node, task);
  known.set(key, found);
  return found;
}

function tablesFor(node: FunctionNode, task: TableTask): readonly Table[] {
  const whole = wholeTable(node, task);
  if (whole !== undefined && whole.error <= 1) return [whole];
  const finer = { ...task, wanted: task.wanted * 2 ** -pieceBits, rounds: true };
  const pieces = split(node, finer, task.bounds, maxSplits);
  const worst = Math.max(...pieces.map(({ error }) => error)) * 2 ** -pieceBits;
  if (pieces.length > 0 && worst < (whole?.error ?? Number.POSITIVE_INFINITY)) return pieces;
  return whole === undefined ? [] : [whole];
}

function split(node: FunctionNode, task: TableTask, [lo, hi]: Interval, splits: number): readonly Table[] {
  const table = pieceTable(node, task, [lo, hi]);
  if (splits === 0 || hi - lo < splitShare || (table !== undefined && table.error <= 1)) {
    return table === undefined ? [] : [table];
  }
  const { derivative } = shapeOf(node.fn);
  const part = Math.ceil((hi - lo) / splitShare);
  const [left, right] = [lo + part / 2, hi - part / 2].map((q) => Math.abs(derivative(q * task.scale)));
  const middle = left > right ? lo + part : hi - part;
  const [low, high] = [split(node, task, [lo, middle], splits - 1), split(node, task, [middle, hi], splits - 1)];
  return low.length === 0 || high.length === 0 ? [] : [...low, ...high];
}

function pieceTable(node: FunctionNode, task: TableTask, [lo, hi]: Interval): Table | undefined {
  const first = lo === task.bounds[0];
  const cuts = { lo: first ? undefined : lo, hi: hi === task.bounds[1] ? undefined : hi, error: 0, slope: 0 };
  return best(node, task, [cuts], first ? 0 : smoothOf(node.fn)(lo * task.scale));
}

function wholeTable(node: FunctionNode, task: TableTask): Table | undefined {
  const { bounds, scale, wanted } = task;
  const tails = cutsFor(node.fn, shapeOf(node.fn), scale, bounds, (wanted / 2) * tailShare);
  const variants: Cuts[] = [{ error: 0, slope: 0 }];
  if (tails.lo !== undefined) variants.push({ ...tails, hi: undefined, slope: 0 });
  if (tails.hi !== undefined) variants.push({ ...tails, lo: undefined });
  if (tails.lo !== undefined && tails.hi !== undefined) variants.push(tails);
  return best(node, task, variants, 0);
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

/** The best table of f − offset with one of the given cuts. */
function best(node: FunctionNode, table: TableTask, variants: readonly Cuts[], offset: number): Table | undefined {
  const { wanted, magnitude } = table;
  const tolerance = (value: number): number => (wanted / 2) * Math.max(1, Math.abs(value + offset) / magnitude);
  let chosen: Candidate | undefined;
  for (const cuts of variants) {
    const steepest = steepestOf(node, table, cuts, (value) => tolerance(value - offset));
    for (const shift of shiftsFor(table, cuts, steepest)) {
      const candidate = consider(node, table, cuts, offset, shift, steepest, tolerance);
      if (candidate !== undefined && (chosen === undefined || isBetter(candidate, chosen))) chosen = candidate;
    }
  }
  if (chosen === undefined) return undefined;
  const { cuts, shift, lo, task, plans, largest, error } = chosen;
  const fit = chooseFit(task, plans);
  return fit === undefined ? undefined : { cuts, shift, lo, bits: task.bits, unit: task.unit, largest, fit, error };
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const [fitsA, fitsB] = [a.error <= 1, b.error <= 1];
  if (fitsA !== fitsB) return fitsA;
  return fitsA ? a.cost < b.cost : a.error < b.error;
}

type Tolerance = (value: number) => number;

/** The most tolerances the function moves per unit of its operand. */
function steepestOf(node: FunctionNode, table: TableTask, cuts: Cuts, tolerance: Tolerance): number {
  const f = smoothOf(node.fn);
  const shape = shapeOf(node.fn);
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
  { bounds, scale, limits, wanted, rounds }: TableTask,
  cuts: Cuts,
  offset: number,
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
  const at = (u: number): number => f(Math.min(Math.max(start + u * step, limits[0]), limits[1])) - offset;
  const task: FitTask = { f: at, bits, first: 0, last, unit: unitFor(cuts, step, wanted), tolerance, rounds };
  const largest = Math.max(...[0, 0.25, 0.5, 0.75, 1].map((part) => Math.abs(at(Math.round(part * last)))));
  const plans = planFits(task, largest);
  const chosen = plans.find(({ error }) => error <= 1) ?? [...plans].sort((a, b) => a.error - b.error)[0];
  if (chosen === undefined) return undefined;
  const cost = prepareCost(bounds, cuts, shift) + chosen.cost;
  const rounding = shift === 0 ? 0 : (steepest * 2 ** shift) / (2 * operandShare);
  const result = largest + Math.abs(cuts.slope) * (bounds[1] - (cuts.hi ?? bounds[1])) * scale;
  return { cuts, shift, lo, task, plans, largest: result, cost, error: Math.max(chosen.error, rounding) };
}

/** The unit of the result; the operand's, or its half and so on, where a straight tail of it is added. */
function unitFor({ slope }: Cuts, step: number, wanted: number): number {
  const natural = Math.abs(slope) * step;
  return natural === 0 ? wanted : natural * 2 ** Math.min(0, Math.floor(Math.log2(wanted / natural)));
}

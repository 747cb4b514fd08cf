import { type Graph, inputsOf } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import type { Sample } from './sample.ts';
import type { Observed } from './precision.ts';
import type { ColumnGrid } from './qgraph.ts';
import { bitLength } from './width.ts';

const mostColumns = 4096;
/** Grids of features: whole numbers first, then fractions that tables are written in. */
const denominators = [1, 2, 4, 8, 10, 16, 100, 255, 256, 1000];
const mostGridSteps = 2 ** 20;
/** Samples on a grid that count as evidence for it when the thresholds do not. */
const enoughSamples = 12;
/** float32 has no more significant bits than this. */
const singleBits = 24;

/** Whether a node is read by trees and by nothing else, so that its elements need no common scale. */
export function isReadByTreesOnly(graph: Graph, id: number): boolean {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(id));
  const returned = graph.outputs.some(({ node }) => node === id);
  return readers.length > 0 && !returned && readers.every(({ kind }) => kind === 'tree');
}

/**
 * A grid for every column of a table that only trees read. Columns whose samples (or thresholds) lie on a grid keep it,
 * so that every test is exact; others get the coarsest power-of-two step that separates all thresholds and sends every
 * sample the way the float model does. Bounds cover samples and thresholds, with room for unseen values.
 */
export function columnGrids(
  graph: Graph,
  name: string,
  samples: readonly Sample[],
  inputBits: number,
  declared: Observed | undefined,
): readonly ColumnGrid[] | undefined {
  const input = inputsOf(graph).find(({ node }) => node.name === name);
  if (input === undefined || !isReadByTreesOnly(graph, input.id)) return undefined;
  const { shape, dtype } = input.node;
  const count = shape[shape.length - 1] ?? 0;
  if (count === 0 || count > mostColumns) return undefined;
  const values = Array.from({ length: count }, (): number[] => []);
  for (const sample of samples) {
    for (const [i, value] of (sample.get(name) ?? []).entries()) {
      if (Number.isFinite(value)) values[i % count].push(value);
    }
  }
  const thresholds = thresholdsOf(graph, input.id, count);
  return values.map((column, c) => {
    const seen: Column = { values: column, thresholds: thresholds[c], declared };
    return boundColumn(seen, isReal(dtype) ? columnStep(seen, inputBits) : 1);
  });
}

interface Column {
  readonly values: readonly number[];
  /** Distinct and ascending. */
  readonly thresholds: readonly number[];
  readonly declared: Observed | undefined;
}

function thresholdsOf(graph: Graph, id: number, count: number): number[][] {
  const found = Array.from({ length: count }, () => new Set<number>());
  for (const node of graph.nodes) {
    if (node.kind !== 'tree' || !node.inputs.includes(id)) continue;
    const { ensemble, gather } = node;
    let first = 0;
    for (const operand of node.inputs) {
      const size = graph.nodes[operand].shape.reduce((product, dim) => product * dim, 1);
      for (let i = 0; operand === id && i < ensemble.left.length; i++) {
        const at = gather[ensemble.feature[i]] - first;
        if (ensemble.left[i] < 0 || at < 0 || at >= size || !Number.isFinite(ensemble.threshold[i])) continue;
        found[at % count].add(ensemble.threshold[i]);
      }
      first += size;
    }
  }
  return found.map((set) => [...set].sort((a, b) => a - b));
}

function extent({ values, thresholds, declared }: Column): readonly [lo: number, hi: number] {
  if (declared !== undefined) return [declared.lo, declared.hi];
  const [lo, hi] = [...values, ...thresholds].reduce(
    ([least, most], v) => [Math.min(least, v), Math.max(most, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return lo <= hi ? [lo, hi] : [0, 1];
}

function columnStep(column: Column, inputBits: number): number {
  const [lo, hi] = extent(column);
  const known = denominators.find((d) => (hi - lo) * d <= mostGridSteps && liesOnGrid(column, d));
  if (known !== undefined) return 1 / known;
  const largest = Math.max(Math.abs(lo), Math.abs(hi));
  if (largest === 0 || hi === lo) return 1;
  const finest = 2 ** (Math.ceil(Math.log2(largest)) - singleBits);
  let step = 2 ** (Math.ceil(Math.log2(hi - lo)) - inputBits);
  while (step > finest && !separates(column, step)) step /= 2;
  return Math.max(step, finest);
}

/** Every value is the float32 nearest to a multiple of 1/d, and thresholds or many samples say that this is no chance. */
function liesOnGrid({ values, thresholds }: Column, d: number): boolean {
  if (!values.every((v) => Math.fround(Math.round(v * d) / d) === Math.fround(v))) return false;
  if (values.length >= enoughSamples) return true;
  return thresholds.length > 0 && thresholds.every((t) => isMultiple(2 * d * t));
}

const isMultiple = (x: number): boolean => Math.abs(x - Math.round(x)) <= 1e-6 * Math.max(1, Math.abs(x));

/** No two thresholds share a step, and rounding carries no value across a threshold. */
function separates({ values, thresholds }: Column, step: number): boolean {
  for (let i = 1; i < thresholds.length; i++) {
    if (Math.floor(thresholds[i] / step) === Math.floor(thresholds[i - 1] / step)) return false;
  }
  return values.every((value) => {
    const rounded = Math.round(value / step) * step;
    const next = thresholds[firstAtLeast(thresholds, Math.min(value, rounded))];
    return next === undefined || next > Math.max(value, rounded) || value === rounded;
  });
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let [first, last] = [0, sorted.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (sorted[middle] < value) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** Bounds in steps; a quarter more on either side where a column takes many values, but no sign it never had. */
function boundColumn(column: Column, scale: number): ColumnGrid {
  const [lo, hi] = extent(column);
  const manyValues = 16;
  const room = column.declared === undefined && hi - lo > manyValues * scale ? (hi - lo) / 4 : 0;
  const least = Math.floor((lo >= 0 ? Math.max(0, lo - room) : lo - room) / scale);
  const most = Math.ceil((hi + room) / scale);
  const bits = Math.max(1, bitLength(most - least));
  return { scale, lo: least >= 0 && bitLength(most) <= bits ? 0 : least, bits };
}

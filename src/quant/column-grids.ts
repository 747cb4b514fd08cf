import { type Graph, type GraphNode, inputsOf } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import type { Observed } from './precision.ts';
import type { ColumnGrid } from './qgraph.ts';
import type { Sample } from './sample.ts';
import { bitLength } from './width.ts';

const mostColumns = 4096;
/** Grids of features: whole numbers first, then fractions that tables are written in. */
const denominators = [1, 2, 4, 8, 10, 16, 100, 255, 256, 1000];
const mostGridSteps = 2 ** 20;
/** Samples on a grid that count as evidence for it when the thresholds do not. */
const enoughSamples = 12;
/** Columns are never wider than this, however close thresholds lie. */
const mostColumnBits = 32;

/**
 * Whether everything that reads an input can do so at a scale per column: trees compare each feature on its own grid,
 * affine maps fold the scales into weights that belong to one column each.
 */
export function canReadColumns(graph: Graph, id: number, columns: number): boolean {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(id));
  const returned = graph.outputs.some(({ node }) => node === id);
  return readers.length > 0 && !returned && readers.every((reader) => readsByColumn(reader, columns));
}

function readsByColumn(reader: GraphNode, columns: number): boolean {
  if (reader.kind === 'tree') return true;
  if (reader.kind !== 'affine' || !isReal(reader.dtype)) return false;
  const { groups, positions, depth, gather } = reader;
  for (let g = 0; g < groups; g++) {
    for (let k = 0; k < depth; k++) {
      let column = -1;
      for (let p = 0; p < positions; p++) {
        const source = gather[(g * positions + p) * depth + k];
        if (source < 0) continue;
        if (column >= 0 && source % columns !== column) return false;
        column = source % columns;
      }
    }
  }
  return true;
}

/**
 * A grid for every column of a table whose readers allow it. Columns whose samples (or thresholds of trees) lie on a
 * grid keep it, so that every test is exact; others get the coarsest power-of-two step that separates all thresholds and
 * sends every sample the way the float model does. Bounds cover samples and thresholds, with room for unseen values.
 */
export function columnGrids(
  graph: Graph,
  name: string,
  samples: readonly Sample[],
  inputBits: number,
  declared: Observed | undefined,
): readonly ColumnGrid[] | undefined {
  const input = inputsOf(graph).find(({ node }) => node.name === name);
  if (input === undefined) return undefined;
  const { shape, dtype } = input.node;
  const count = shape[shape.length - 1] ?? 0;
  if (count === 0 || count > mostColumns || !canReadColumns(graph, input.id, count)) return undefined;
  const values = Array.from({ length: count }, (): number[] => []);
  for (const sample of samples) {
    for (const [i, value] of (sample.get(name) ?? []).entries()) {
      if (Number.isFinite(value)) values[i % count].push(dtype === 'float32' ? Math.fround(value) : value);
    }
  }
  const onlyTrees = graph.nodes.every(({ kind, inputs }) => kind === 'tree' || !inputs.includes(input.id));
  if (!onlyTrees && !isMixedTable(shape, values)) return undefined;
  const thresholds = thresholdsOf(graph, input.id, count);
  return values.map((column, c) => {
    const sorted = [...thresholds[c].cuts].sort((a, b) => a - b);
    const seen: Column = {
      values: column,
      thresholds: [...thresholds[c].values],
      cuts: sorted,
      declared,
      sparing: onlyTrees,
    };
    return boundColumn(seen, isReal(dtype) ? columnStep(seen, inputBits) : 1);
  });
}

/** A few features of different units, such as years and amounts; not the elements of a picture or a signal. */
function isMixedTable(shape: readonly number[], values: readonly (readonly number[])[]): boolean {
  const mostFeatures = 64;
  const mostLevels = 2 ** 10;
  const differentUnits = 8;
  if (shape.length > 2 || values.length > mostFeatures || values[0].length < enoughSamples) return false;
  const reach = values.map((column) => column.reduce((most, v) => Math.max(most, Math.abs(v)), 0)).filter((r) => r > 0);
  const [least, most] = reach.reduce(([a, b], r) => [Math.min(a, r), Math.max(b, r)], [Number.POSITIVE_INFINITY, 0]);
  if (most < differentUnits * least) return false;
  const all = { values: values.flat(), thresholds: [], cuts: [], declared: undefined, sparing: false };
  return !denominators.some((d) => most * d <= mostLevels && liesOnGrid(all, d));
}

interface Column {
  readonly values: readonly number[];
  readonly thresholds: readonly number[];
  /** Where tests flip, ascending: the least float32 on the upper side of each. */
  readonly cuts: readonly number[];
  readonly declared: Observed | undefined;
  /** No room for unseen values of a column that takes few. */
  readonly sparing: boolean;
}

interface Thresholds {
  readonly values: Set<number>;
  readonly cuts: Set<number>;
}

function thresholdsOf(graph: Graph, id: number, count: number): Thresholds[] {
  const found = Array.from({ length: count }, (): Thresholds => ({ values: new Set(), cuts: new Set() }));
  for (const node of graph.nodes) {
    if (node.kind !== 'tree' || !node.inputs.includes(id)) continue;
    const { ensemble, gather } = node;
    let first = 0;
    for (const operand of node.inputs) {
      const size = graph.nodes[operand].shape.reduce((product, dim) => product * dim, 1);
      for (let i = 0; operand === id && i < ensemble.left.length; i++) {
        const at = gather[ensemble.feature[i]] - first;
        const t = ensemble.threshold[i];
        if (ensemble.left[i] < 0 || at < 0 || at >= size || !Number.isFinite(t)) continue;
        const { values, cuts } = found[at % count];
        values.add(t);
        const test = ensemble.test[i];
        if (test !== 'le' && test !== 'gt') cuts.add(t);
        if (test !== 'lt' && test !== 'ge') cuts.add(nextSingle(t));
      }
      first += size;
    }
  }
  return found;
}

/** The float32 after t. */
function nextSingle(t: number): number {
  if (t === 0) return 2 ** -149;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, t);
  view.setInt32(0, view.getInt32(0) + (t > 0 ? 1 : -1));
  return view.getFloat32(0);
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
  if (hi === lo) return 1;
  const span = Math.ceil(Math.log2(hi - lo));
  const nearest = column.thresholds.reduce((least, t) => (t === 0 ? least : Math.min(least, Math.abs(t))), hi - lo);
  const significant = 23;
  const finest = 2 ** Math.max(Math.floor(Math.log2(nearest)) - significant, span - mostColumnBits);
  let step = 2 ** (span - inputBits);
  while (step > finest && !separates(column, step)) step /= 2;
  return step;
}

/** Every value is the float32 nearest to a multiple of 1/d, and thresholds or many samples say that this is no chance. */
function liesOnGrid({ values, thresholds }: Column, d: number): boolean {
  if (!values.every((v) => Math.fround(Math.round(v * d) / d) === Math.fround(v))) return false;
  if (values.length >= enoughSamples) return true;
  return thresholds.length > 0 && thresholds.every((t) => isMultiple(2 * d * t));
}

const isMultiple = (x: number): boolean => Math.abs(x - Math.round(x)) <= 1e-6 * Math.max(1, Math.abs(x));

/** A grid point lies between any two cuts, and rounding carries no value across one. */
function separates({ values, cuts }: Column, step: number): boolean {
  for (let i = 1; i < cuts.length; i++) {
    if (Math.ceil(cuts[i] / step) === Math.ceil(cuts[i - 1] / step)) return false;
  }
  return values.every((value) => {
    const rounded = Math.sign(value) * Math.floor(Math.abs(value) / step + 0.5) * step;
    return countUpTo(cuts, value) === countUpTo(cuts, Math.fround(rounded));
  });
}

/** How many of the ascending numbers are at most x. */
function countUpTo(ascending: readonly number[], x: number): number {
  let [first, last] = [0, ascending.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (ascending[middle] <= x) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** Bounds in steps; a quarter more on either side where a column takes many values, but no sign it never had. */
function boundColumn(column: Column, scale: number): ColumnGrid {
  const [lo, hi] = extent(column);
  const manyValues = 16;
  const many = hi - lo > manyValues * scale;
  const room = column.declared !== undefined ? 0 : many ? (hi - lo) / 4 : column.sparing ? 0 : scale;
  const least = Math.floor((lo >= 0 ? Math.max(0, lo - room) : lo - room) / scale);
  const most = Math.ceil((hi + room) / scale);
  const bits = Math.max(1, bitLength(most - least));
  return { scale, lo: least >= 0 && bitLength(most) <= bits ? 0 : least, bits };
}

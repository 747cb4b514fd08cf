import { evaluate } from '../graph/evaluate.ts';
import { type Graph, inputsOf } from '../graph/graph.ts';
import { isReal } from '../tensor/dtype.ts';
import { columnGrids } from './column-grids.ts';
import type { InputGrid, Observed } from './precision.ts';
import type { ColumnGrid } from './qgraph.ts';
import type { Sample } from './sample.ts';
import { bitLength } from './width.ts';

/** The range of every node over the calibration samples, from the float interpreter. */
export function observe(graph: Graph, samples: readonly Sample[]): Observed[] {
  const lo = new Float64Array(graph.nodes.length).fill(Number.POSITIVE_INFINITY);
  const hi = new Float64Array(graph.nodes.length).fill(Number.NEGATIVE_INFINITY);
  for (const sample of samples) {
    evaluate(graph, sample, (id, value) => {
      for (const v of value) {
        if (!Number.isFinite(v)) continue;
        if (v < lo[id]) lo[id] = v;
        if (v > hi[id]) hi[id] = v;
      }
    });
  }
  return graph.nodes.map((_, id) => (lo[id] <= hi[id] ? { lo: lo[id], hi: hi[id] } : { lo: 0, hi: 0 }));
}

/** The denominators tried when looking for a grid such as x/255. */
const gridDenominators = [1, 255, 127, 100, 1000, 16, 256];

/**
 * Chooses how each input becomes integers. Integer types keep their values; reals that all lie on a grid of at most
 * 2^16 steps (pixels / 255, cents) keep it exactly; others get `inputBits` bits at a power-of-two step. Tables
 * may have a grid for every column, see `columnGrids`.
 */
export function inputGrids(
  graph: Graph,
  samples: readonly Sample[],
  inputBits: number,
  bounds: ReadonlyMap<string, Observed> = new Map(),
): Map<string, InputGrid> {
  const grids = new Map<string, InputGrid>();
  for (const { node } of inputsOf(graph)) {
    let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const sample of samples) {
      for (const v of sample.get(node.name) ?? []) {
        lo = Math.min(lo, v);
        hi = Math.max(hi, v);
      }
    }
    const declared = bounds.get(node.name);
    const columns = columnGrids(graph, node.name, samples, inputBits, declared);
    if (columns !== undefined) {
      grids.set(node.name, tableGrid(columns));
      continue;
    }
    if (declared !== undefined) [lo, hi] = [declared.lo, declared.hi];
    if (!(lo <= hi) || node.dtype === 'bool') [lo, hi] = [0, 0];
    const scale = isReal(node.dtype) ? gridScale(samples, node.name, lo, hi, inputBits) : 1;
    const least = roundHalfAway(lo / scale);
    const most = roundHalfAway(hi / scale);
    grids.set(node.name, { scale, zero: 0, lo: least, bits: Math.max(1, bitLength(most - least)) });
  }
  return grids;
}

/** One grid where all columns have the same; otherwise the outermost bounds beside the columns. */
function tableGrid(columns: readonly ColumnGrid[]): InputGrid {
  const [{ scale, lo, bits }] = columns;
  if (columns.every((c) => c.scale === scale && c.lo === lo && c.bits === bits)) return { scale, zero: 0, lo, bits };
  return {
    scale: 1,
    zero: 0,
    lo: columns.reduce((least, c) => Math.min(least, c.lo), lo),
    bits: columns.reduce((most, c) => Math.max(most, c.bits), bits),
    columns,
  };
}

/** As the quantiser of inputs rounds, so that the extremes themselves stay inside. */
const roundHalfAway = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5) + 0;

function gridScale(samples: readonly Sample[], name: string, lo: number, hi: number, inputBits: number): number {
  for (const denominator of gridDenominators) {
    if ((hi - lo) * denominator > 2 ** 16) continue;
    const onGrid = samples.every((sample) =>
      (sample.get(name) ?? new Float64Array()).every((v) => {
        const steps = v * denominator;
        return Math.abs(steps - Math.round(steps)) <= 1e-4 * Math.max(1, Math.abs(steps)) * 2 ** -6;
      }),
    );
    if (onGrid) return 1 / denominator;
  }
  const magnitude = Math.max(Math.abs(lo), Math.abs(hi));
  return magnitude === 0 ? 1 : 2 ** (Math.ceil(Math.log2(magnitude)) - inputBits);
}

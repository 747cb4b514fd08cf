import { describe, expect, test } from 'vitest';
import { createGraphBuilder, type GraphBuilder, type ValueId } from '../../../src/graph/builder.ts';
import { evaluate } from '../../../src/graph/evaluate.ts';
import type { TreeEnsemble } from '../../../src/graph/tree.ts';
import { inputGrids, observe } from '../../../src/quant/calibrate.ts';
import { predictCosts } from '../../../src/quant/cost.ts';
import { InputRangeError, interpret, quantiseInputs, toReal } from '../../../src/quant/interpret.ts';
import { quantise } from '../../../src/quant/quantise.ts';
import type { Sample } from '../../../src/quant/sample.ts';
import { treeFlips } from '../../../src/quant/tree-flips.ts';
import { fc } from '../../property.ts';
import { ensembles } from '../../random-trees.ts';
import { reals, scales } from '../arbitrary.ts';
import { run, violation } from '../bound.ts';

const shape = { trees: 3, depth: 3, features: 4, targets: 2 };
const precision = { activationBits: 12, weightBits: 12, inputBits: 12, nodes: new Map() };

function trees(b: GraphBuilder, x: ValueId, ensemble: TreeEnsemble): ValueId {
  const gather = Int32Array.from({ length: 4 }, (_, i) => i);
  const dims = [1, ensemble.targets];
  return b.push({ kind: 'tree', inputs: [x], shape: dims, dtype: 'float32', rows: 1, features: 4, gather, ensemble });
}

/** The largest error that rounding the leaf weights alone may cause. */
const roundingOnly = 3 * 2 ** -12;

describe('the bound of trees', () => {
  test('covers inexact features', () => {
    const thresholds = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(ensembles(shape, thresholds), reals(4), (ensemble, x) => {
        expect(violation(run([x], (b, [id]) => [trees(b, id, ensemble)]))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('is no more than the rounding of the leaves on whole features', () => {
    const thresholds = fc.double({ min: -9, max: 9, noNaN: true }).map((t) => (t > 5 ? Math.round(t) : t));
    const values = fc.array(fc.integer({ min: -8, max: 7 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(ensembles(shape, thresholds), values, (ensemble, x) => {
        const whole = { dtype: 'int32' as const, lo: -8, bits: 4, values: x };
        const outcome = run([whole], (b, [id]) => [trees(b, id, ensemble)]);
        expect(violation(outcome)).toBeUndefined();
        expect(Math.max(...outcome.bounds[0])).toBeLessThan(roundingOnly);
      }),
      { numRuns: 200 },
    );
  });

  test('is zero for whole weights', () => {
    const votes = fc.sample(ensembles(shape, fc.constant(0.5)), 1)[0];
    const ensemble = { ...votes, leafWeight: votes.leafWeight.map(Math.round), base: Float64Array.of(1, -2) };
    const whole = { dtype: 'int32' as const, lo: 0, bits: 1, values: [0, 1, 0, 1] };
    expect(run([whole], (b, [id]) => [trees(b, id, ensemble)]).bounds[0]).toEqual(new Float64Array(2));
  });
});

describe('integer thresholds', () => {
  /** Thresholds that are float32 grid points, halfway between them, or float32 neighbours of them. */
  const near = (scale: number): fc.Arbitrary<number> =>
    fc.tuple(fc.integer({ min: -1, max: 17 }), fc.constantFrom(0, 0.5, 1e-7, -1e-7)).map(([k, off]) => {
      return Math.fround((k + off * (1 + Math.abs(k))) * scale);
    });

  test('decide every grid point of every scale as the float tests do', () => {
    const cases = scales.chain((scale) =>
      fc.record({ scale: fc.constant(scale), ensemble: ensembles(shape, near(scale)) }),
    );
    fc.assert(
      fc.property(cases, ({ scale, ensemble }) => {
        for (let q = 0; q < 16; q++) {
          const values = [q, 15 - q, (q * 5) % 16, (q * 11 + 3) % 16].map((k) => Math.fround(k * scale));
          const { proved, float } = run([{ scale, lo: 0, bits: 4, values }], (b, [id]) => [trees(b, id, ensemble)]);
          for (const t of [0, 1]) expect(Math.abs(proved[0][t] - float[0][t])).toBeLessThan(roundingOnly);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a table that only trees read', () => {
  const ensemble = (thresholds: readonly (readonly [feature: number, threshold: number])[]): TreeEnsemble => {
    const count = thresholds.length;
    return {
      roots: Int32Array.from(thresholds, (_, i) => 3 * i),
      feature: Int32Array.from(thresholds.flatMap(([feature]) => [feature, 0, 0])),
      threshold: Float64Array.from(thresholds.flatMap(([, t]) => [Math.fround(t), 0, 0])),
      test: thresholds.flatMap(() => ['le' as const, 'le' as const, 'le' as const]),
      left: Int32Array.from(thresholds.flatMap((_, i) => [3 * i + 1, -1, -1])),
      right: Int32Array.from(thresholds.flatMap((_, i) => [3 * i + 2, -1, -1])),
      leafStart: Int32Array.from([0, ...thresholds.flatMap((_, i) => [2 * i, 2 * i + 1, 2 * i + 2])]),
      leafTarget: new Int32Array(2 * count),
      leafWeight: Float64Array.from({ length: 2 * count }, (_, i) => 2 ** i),
      targets: 1,
      base: new Float64Array(1),
      single: true,
    };
  };
  // A code, a count of thousands, a price in cents and a small continuous ratio.
  const model = ensemble([[0, 1.5], [1, 4321.5], [2, 0.29], [2, 7.5], [3, 1.2345e-4], [3, 1.23451e-4]]); // biome-ignore format: one line
  const samples: Sample[] = Array.from({ length: 60 }, (_, i) => {
    const row = [i % 4, (i * 311) % 9000, 0.01 * ((i * 29) % 900), 1.1e-4 + i * 4.56789e-7];
    return new Map([['x', Float64Array.from(row, Math.fround)]]);
  });
  const b = createGraphBuilder();
  const x = b.push({ kind: 'input', inputs: [], shape: [1, 4], dtype: 'float32', name: 'x' });
  const graph = b.finish([{ name: 'y', node: trees(b, x, model) }]);
  const grids = inputGrids(graph, samples, 12);
  const quantised = quantise(graph, {
    precision,
    policy: { name: 'worst-case' },
    observed: observe(graph, samples),
    grids,
  });

  test('has a grid per column, as coarse as its values and thresholds allow', () => {
    const columns = grids.get('x')?.columns ?? [];
    expect(columns.slice(0, 3)).toEqual([
      { scale: 1, lo: 0, bits: 2 },
      { scale: 1, lo: 0, bits: 14 },
      { scale: 0.01, lo: 0, bits: 11 },
    ]);
    expect(Number.isInteger(Math.log2(columns[3].scale))).toBe(true);
    expect(columns[3].scale).toBeLessThan(2e-9);
  });

  test('loses no decision', () => {
    for (const sample of samples) {
      const values = interpret(quantised.graph, quantiseInputs(quantised.graph, sample));
      const { node } = quantised.graph.outputs[0];
      expect(toReal(quantised.graph.nodes[node], values[node])).toEqual(evaluate(graph, sample).get('y'));
    }
    expect(treeFlips(graph, quantised, samples)).toEqual({ paths: 60 * 6, flipped: 0 });
  });

  test('reports the paths that a coarser grid changes', () => {
    const coarse = new Map([['x', { scale: 1, zero: 0, lo: 0, bits: 14 }]]);
    const options = { precision, policy: { name: 'worst-case' as const }, observed: observe(graph, samples) };
    const flips = treeFlips(graph, quantise(graph, { ...options, grids: coarse }), samples);
    // Every price of 29 to 49 cents, or 750 to 799, and every ratio above a threshold falls on the wrong side.
    const wrong = samples.flatMap((sample) => {
      const row = sample.get('x') ?? new Float64Array();
      const decisions = [
        row[2] <= Math.fround(0.29),
        row[2] <= 7.5,
        row[3] <= Math.fround(1.2345e-4),
        row[3] <= Math.fround(1.23451e-4),
      ];
      const rounded = [Math.round(row[2]) <= 0, Math.round(row[2]) <= 7, true, true];
      return decisions.filter((decision, i) => decision !== rounded[i]);
    });
    expect(flips).toEqual({ paths: 60 * 6, flipped: wrong.length });
    expect(wrong.length).toBeGreaterThan(0);
  });

  test('is as fine as values that equal a threshold need', () => {
    const values = Array.from({ length: 60 }, (_, i) => Math.fround(0.02 + 0.17 * Math.abs(Math.sin(i))));
    const cuts = values.slice(0, 12).map((t): [number, number] => [3, t]);
    const strict = { ...ensemble(cuts), test: ensemble(cuts).test.map(() => 'lt' as const) };
    const rows = values.map((v): Sample => new Map([['x', Float64Array.of(1, 2, 3, v)]]));
    const table = createGraphBuilder();
    const features = table.push({ kind: 'input', inputs: [], shape: [1, 4], dtype: 'float32', name: 'x' });
    const boosted = table.finish([{ name: 'y', node: trees(table, features, strict) }]);
    const options = { precision, policy: { name: 'worst-case' as const }, observed: observe(boosted, rows) };
    const chosen = inputGrids(boosted, rows, 12);
    const exact = treeFlips(boosted, quantise(boosted, { ...options, grids: chosen }), rows);
    expect(exact).toEqual({ paths: 60 * 12, flipped: 0 });
    const fixed = { scale: 2 ** -14, lo: 0, bits: 13 };
    const three = { scale: 1, lo: 0, bits: 2 };
    const coarse = new Map([['x', { scale: 1, zero: 0, lo: 0, bits: 13, columns: [three, three, three, fixed] }]]);
    expect(treeFlips(boosted, quantise(boosted, { ...options, grids: coarse }), rows)?.flipped).toBeGreaterThan(0);
  });

  test('costs each comparison of each column once, at its own width', () => {
    const widths = grids.get('x')?.columns?.map(({ bits }) => bits) ?? [];
    const [input, tree] = predictCosts(quantised.graph, quantised.ranges);
    expect(input).toBe(widths.reduce((sum, bits) => sum + bits, 0));
    const twice = { ...quantised.graph.nodes[1] };
    if (twice.kind !== 'tree') throw new Error('expected trees');
    const doubled = { ...twice, roots: Int32Array.from([...twice.roots, ...twice.roots]) };
    const again = predictCosts({ ...quantised.graph, nodes: [quantised.graph.nodes[0], doubled] }, quantised.ranges);
    expect(again[1]).toBe(tree);
  });

  test('refuses what is not a number, and what lies outside, by name and index', () => {
    const quantiseRow = (row: number[]) => () =>
      quantiseInputs(quantised.graph, new Map([['x', Float64Array.from(row)]]));
    expect(quantiseRow([1, 2, Number.NaN, 1e-4])).toThrow('input "x"[2] = NaN is outside');
    expect(quantiseRow([4, 2, 3, 1e-4])).toThrow(InputRangeError);
    expect(quantiseRow([4, 2, 3, 1e-4])).toThrow('expected a number in [0, 3]');
    expect(quantiseRow([3, 2, 3, 1.2e-4])).not.toThrow();
  });

  test('that is also read by something else has one grid', () => {
    const mixed = createGraphBuilder();
    const table = mixed.push({ kind: 'input', inputs: [], shape: [1, 4], dtype: 'float32', name: 'x' });
    const scores = trees(mixed, table, model);
    const passed = mixed.push({ kind: 'relu', inputs: [table], shape: [1, 4], dtype: 'float32' });
    const both = mixed.finish([
      { name: 'y', node: scores },
      { name: 'z', node: passed },
    ]);
    expect(inputGrids(both, samples, 12).get('x')?.columns).toBeUndefined();
  });
});

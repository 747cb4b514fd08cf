import { describe, expect, test } from 'vitest';
import { createGraphBuilder } from '../../src/graph/builder.ts';
import { linearRows } from '../../src/graph/compose/linear.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import type { InputGrid } from '../../src/quant/precision.ts';
import { quantise } from '../../src/quant/quantise.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { fc } from '../property.ts';

/** Two rows of a table times a matrix. */
function layer(weight: readonly number[], bias: readonly number[], features: number): Graph {
  const b = createGraphBuilder();
  const x = b.push({ kind: 'input', inputs: [], shape: [2, features], dtype: 'float32', name: 'x' });
  const outs = bias.length;
  const map = { x, rows: 2, depth: features, outs, weight: Float64Array.from(weight), bias: Float64Array.from(bias) };
  return b.finish([{ name: 'y', node: linearRows(b, map) }]);
}

function prove(graph: Graph, grids: ReadonlyMap<string, InputGrid>, samples: readonly Sample[], bits = 12) {
  const precision = { activationBits: bits, weightBits: bits, inputBits: bits, nodes: new Map() };
  const options = { precision, policy: { name: 'worst-case' as const }, observed: observe(graph, samples), grids };
  const model = quantise(graph, options);
  return samples.map((sample) => {
    const values = interpret(model.graph, quantiseInputs(model.graph, sample));
    const { node } = model.graph.outputs[0];
    return {
      proved: toReal(model.graph.nodes[node], values[node]),
      float: evaluate(graph, sample).get('y') ?? new Float64Array(),
      bound: model.outputErrors[0],
    };
  });
}

describe('a table whose columns have different units', () => {
  const columns = [
    { scale: 2 ** -14, lo: -5000, bits: 13 },
    { scale: 0.01, lo: 0, bits: 9 },
    { scale: 250, lo: 2, bits: 6 },
  ];
  const grids = new Map([['x', { scale: 1, zero: 0, lo: -5000, bits: 13, columns }]]);
  const number = (reach: number): fc.Arbitrary<number> =>
    fc.double({ min: -reach, max: reach, noNaN: true }).map((v) => (Math.abs(v) < reach * 1e-6 ? 0 : v));
  const row = fc.tuple(
    ...columns.map(({ scale, lo, bits }) =>
      fc.double({ min: lo * scale, max: (lo + 2 ** bits - 1) * scale, noNaN: true }),
    ),
  );

  test('keeps the proved bound of an affine map', () => {
    const weights = fc.array(fc.tuple(number(300), number(5), number(0.01)), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(weights, fc.tuple(number(10), number(10)), row, row, (weight, bias, first, second) => {
        const graph = layer(weight.flat(), bias, 3);
        const [{ proved, float, bound }] = prove(graph, grids, [
          new Map([['x', Float64Array.from([...first, ...second])]]),
        ]);
        for (const [i, value] of proved.entries()) {
          expect(Math.abs(value - float[i])).toBeLessThanOrEqual(bound[i] + 1e-9 * (1 + Math.abs(float[i])));
        }
      }),
    );
  });

  const samples = Array.from({ length: 40 }, (_, i): Sample => {
    const values = [0, 1].flatMap((r) => [1e-3 * Math.sin(i + r), (i * 7 + r) % 5, 1e5 + 1234.5 * ((i * 31 + r) % 17)]);
    return new Map([['x', Float64Array.from(values, Math.fround)]]);
  });
  // Each column contributes about as much as the others.
  const graph = layer([2000, 0.5, 1e-5, -1500, 0.25, 2e-5], [0.5, -1], 3);

  test('loses little in every column', () => {
    const grid = inputGrids(graph, samples, 12).get('x');
    expect(grid?.columns?.length).toBe(3);
    for (const { proved, float } of prove(
      graph,
      new Map([['x', grid ?? { scale: 1, zero: 0, lo: 0, bits: 1 }]]),
      samples,
    )) {
      for (const [i, value] of proved.entries()) expect(Math.abs(value - float[i])).toBeLessThan(2e-3);
    }
  });

  test('loses no small column where weights are fine or outputs many', () => {
    const table = Array.from({ length: 40 }, (_, i): Sample => {
      const row = (r: number) => [i % 2, (i + r) % 3 === 0 ? 1 : 0, 1000 + 431 * ((i * 31 + r) % 40)];
      return new Map([['x', Float64Array.from([...row(0), ...row(1)])]]);
    });
    const outs = 24;
    const many = layer(
      Array.from({ length: 3 * outs }, (_, i) => (i % 3 === 2 ? 5e-5 : 1) * Math.sin(i + 1)),
      new Array(outs).fill(0.25),
      3,
    );
    for (const bits of [8, 16, 20]) {
      const grids = inputGrids(many, table, bits);
      expect(grids.get('x')?.columns?.map((column) => column.bits)).toEqual([2, 2, 15]);
      for (const { proved, float } of prove(many, grids, table, bits)) {
        for (const [i, value] of proved.entries()) expect(Math.abs(value - float[i])).toBeLessThan(3 * 2 ** -bits);
      }
    }
  });

  test('is not what many elements, one unit, or few samples make', () => {
    const wide = layer(new Array(65).fill(1), [0], 65);
    const pictures = samples.map(
      (_, i): Sample => new Map([['x', Float64Array.from({ length: 130 }, (_, j) => Math.sin(i * j) * 1.1 ** j)]]),
    );
    expect(inputGrids(wide, pictures, 12).get('x')?.columns).toBeUndefined();
    const alike = samples.map(
      (sample): Sample =>
        new Map([
          ['x', (sample.get('x') ?? new Float64Array()).map((v, j) => (j % 3 === 0 ? v * 1000 : (v % 3) / 2 + 0.7))],
        ]),
    );
    expect(inputGrids(graph, alike, 12).get('x')?.columns).toBeUndefined();
    const grey = samples.map(
      (_, i): Sample =>
        new Map([['x', Float64Array.from([0, i % 256, 3, i % 2, 255 - i, 9], (v) => Math.fround(v / 255))]]),
    );
    expect(inputGrids(graph, grey, 12).get('x')?.columns).toBeUndefined();
    expect(inputGrids(graph, samples.slice(0, 3), 12).get('x')?.columns).toBeUndefined();
  });
});

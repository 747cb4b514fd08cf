import { expect, test } from 'vitest';
import type { NewQNode } from '../../../src/quant/builder.ts';
import { interpret } from '../../../src/quant/interpret.ts';
import { analyseRanges } from '../../../src/quant/ranges.ts';
import { lower } from '../../../src/r1cs/lower.ts';
import { inverse, mod } from '../solver/linear.ts';
import { solveAll } from '../solver/solutions.ts';
import { build, type Operand, one } from './trap.ts';

test('values outside an enforced width, a domain or the roots have no witness', () => {
  const cases: readonly (readonly [Operand, NewQNode, readonly number[], readonly number[]])[] = [
    [
      [-(2 ** 11), 12, [0]],
      { kind: 'rescale', inputs: [0], ...one, shift: 2, relu: false, width: 8 },
      [-131, 126, 2000, -2048],
      [-130, 125, 0],
    ],
    [
      [-(2 ** 11), 12, [0]],
      { kind: 'rescale', inputs: [0], ...one, shift: 3, relu: true, width: 8 },
      [-133, 124, 2000],
      [-132, 123, 0],
    ],
    [
      [-(2 ** 11), 12, [0]],
      {
        kind: 'function',
        inputs: [0],
        ...one,
        name: 'test',
        lo: -64,
        bits: 7,
        segmentBits: 2,
        shift: 0,
        coefficients: [Float64Array.of(4, 5, 6, 7)],
      },
      [-65, 64, 2000, -2048],
      [-64, 63, 0],
    ],
    [[-8, 8, [0]], { kind: 'sqrt', inputs: [0], ...one, factor: 1 }, [-1, -2, -8], [0, 1, 247]],
  ];
  for (const [[lo, bits], node, outside, inside] of cases) {
    const graph = build([[lo, bits, [0]]], () => node);
    const { system } = lower(graph, analyseRanges(graph));
    const solved = (x: number) =>
      solveAll(
        system,
        new Map([
          [system.outputs + 1, 1n],
          [system.outputs + 2, mod(BigInt(x))],
        ]),
      );
    for (const x of outside) expect(solved(x), `${node.kind} of ${x}`).toEqual({ kind: 'solutions', solutions: [] });
    for (const x of inside)
      expect(solved(x), `${node.kind} of ${x}`).toMatchObject({ kind: 'solutions', solutions: [{}] });
  }
});

test('inputs outside their bounds have no witness, above and below and around the field', () => {
  const graph = build([[-5, 6, [0]]], ([x]) => ({ kind: 'add', inputs: [x], ...one, coefficients: [3] }));
  const { system } = lower(graph, analyseRanges(graph));
  for (const x of [-6n, 59n, 64n, -64n, 2n ** 253n, inverse(2n), 5n - 2n ** 64n]) {
    const given = new Map([
      [system.outputs + 1, 1n],
      [system.outputs + 2, mod(x)],
    ]);
    expect(solveAll(system, given), `input ${x}`).toEqual({ kind: 'solutions', solutions: [] });
  }
});

test('decompositions stay far below the field: wider ones are refused', () => {
  const graph = build(
    [
      [0, 52, [0]],
      [-(2 ** 51), 53, [0]],
    ],
    (inputs) => ({
      kind: 'compare',
      inputs,
      ...one,
      relation: 'lt',
    }),
  );
  expect(() => lower(graph, analyseRanges(graph))).toThrow('needs a range check of 54 bits');
});

test('a selection by something else than a bit is refused', () => {
  const graph = build(
    [
      [0, 2, [0]],
      [0, 4, [0]],
      [0, 4, [0]],
    ],
    (inputs) => ({ kind: 'select', inputs, ...one }),
  );
  expect(() => lower(graph, analyseRanges(graph))).toThrow('may be other than 0 and 1');
});

test('the interpreter refuses what has no witness, by name', () => {
  const x: Operand = [-(2 ** 11), 12, [0]];
  const coefficients = [Float64Array.of(4, 5, 6, 7)];
  const table = { kind: 'function', name: 'test', lo: -64, bits: 7, segmentBits: 2, shift: 0, coefficients } as const;
  const graph = build([x], (inputs) => ({ ...table, inputs, ...one }));
  const values = (v: number) => interpret(graph, new Map([['x0', Float64Array.of(v)]])).at(-1);
  expect(values(-64)).toEqual(Float64Array.of(4));
  expect(values(63)).toEqual(Float64Array.of(7));
  for (const v of [-65, 64]) expect(() => values(v)).toThrow('leaves its calibrated range');
});

import { expect, test } from 'vitest';
import { GraphUnderTest } from '../../r1cs/lower/operand.ts';
import { Random } from '../../r1cs/lower/random.ts';
import { inverse, mod } from '../solver/linear.ts';
import { expectRejected, expectUnique, run } from '../unique.ts';
import { honest, one, publishedWire, publishing } from './trap.ts';

test('multiplicity: a top-k selection names no element twice and leaves none out', () => {
  const values = [900, 17, 900, 4];
  const own = honest([[0, 10, values]], (inputs) => ({
    kind: 'topk',
    inputs,
    shape: [1, 2],
    scale: 1,
    rows: 1,
    length: 4,
    k: 2,
    largest: true,
    result: 'indices',
  }));
  expectUnique(own, 'honest');
  for (const indices of [
    [0, 0],
    [2, 2],
    [0, 1],
    [0, 3],
    [1, 2],
    [3, 1],
  ] as const) {
    expectRejected(own, publishing(own, ...indices), `indices ${indices}`);
  }
});

test('tie swaps: equal values stand in the order of their indices', () => {
  for (const largest of [true, false]) {
    const own = honest([[0, 10, [300, 300, 300]]], (inputs) => ({
      kind: 'topk',
      inputs,
      shape: [1, 3],
      scale: 1,
      rows: 1,
      length: 3,
      k: 3,
      largest,
      result: 'indices',
    }));
    expectUnique(own, 'honest');
    for (const indices of [
      [1, 0, 2],
      [0, 2, 1],
      [2, 1, 0],
    ] as const) {
      expectRejected(own, publishing(own, ...indices), `indices ${indices}`);
    }
  }
});

test('argmax ties: only the first (or last) of equal elements', () => {
  const values = [-3, 500, 500, 12, 500];
  for (const tie of ['first', 'last'] as const) {
    const own = honest([[-512, 10, values]], (inputs) => ({
      kind: 'argmax',
      inputs,
      ...one,
      rows: 1,
      length: 5,
      tie,
    }));
    expectUnique(own, tie);
    for (let index = 0; index < 5; index++) {
      if (index !== (tie === 'first' ? 1 : 4)) expectRejected(own, publishing(own, index), `${tie}, index ${index}`);
    }
    // Selectors that are no bits but add up to one, and point between elements.
    expectRejected(own, publishing(own, inverse(2n)), `${tie}, half an index`);
  }
});

test('a maximum that looks like a magnitude: windows within x alone, beside −x', () => {
  const graph = new GraphUnderTest(new Random(1));
  const x = graph.input(4, -20, 6);
  const negated = graph.push({ kind: 'add', inputs: [x], shape: [4], scale: 1, coefficients: [-1] });
  const gather = Int32Array.of(0, 2, 1, 3);
  const max = graph.push({ kind: 'max', inputs: [x, negated], shape: [2], scale: 1, window: 2, gather });
  const own = run(graph.finish(max), new Map([['x0', Float64Array.of(-9, 3, -12, -20)]]));
  expectUnique(own, 'max(x₀, x₂) and max(x₁, x₃)');
  expect([0, 1].map((element) => own.witness[publishedWire(own, element)])).toEqual([mod(-9n), 3n]);
});

import { expect, test } from 'vitest';
import { analyseRanges } from '../../../src/quant/ranges.ts';
import { lower } from '../../../src/r1cs/lower.ts';
import { inverse, mod } from '../solver/linear.ts';
import { expectRejected, type Run } from '../unique.ts';
import { build, expectNoLie, honest, type Operand, one, publishedWire, publishing, wiresHolding } from './trap.ts';

const division = (x: number, y: number, mode: 'nearest' | 'floor' | 'trunc'): Run =>
  honest(
    [
      [-(2 ** 19), 20, [x]],
      [1, 12, [y]],
    ],
    (inputs) => ({ kind: 'divide', inputs, ...one, mode, factor: 1 }),
  );

test('quotient not range-checked: a quotient of full size for another remainder', () => {
  const own = division(123_456, 789, 'floor');
  for (const remainder of [0n, 1n, 788n, 789n]) {
    const quotient = mod((123_456n - remainder) * inverse(789n));
    if (quotient === mod(156n)) continue;
    for (const wire of wiresHolding(own, 156)) {
      expectRejected(own, new Map([[wire, quotient]]), `quotient for remainder ${remainder}`);
    }
  }
  expectNoLie(own, 'floor');
});

test('remainder not below the divisor: one more or less in the quotient', () => {
  for (const [x, y, mode, quotient] of [
    [123_456, 789, 'floor', 156],
    [-123_456, 789, 'floor', -157],
    [-123_456, 789, 'trunc', -156],
    [-789, 789, 'trunc', -1],
    [789 * 3, 789, 'floor', 3],
  ] as const) {
    const own = division(x, y, mode);
    expect(own.witness[publishedWire(own)]).toBe(mod(BigInt(quotient)));
    for (const lie of [quotient - 1, quotient + 1, -quotient]) {
      expectRejected(own, publishing(own, lie), `${x} / ${y} (${mode}) = ${lie}`);
    }
  }
});

test('two optimal quotients: a tie rounds up, also below zero', () => {
  for (const [x, y, quotient] of [
    [15, 10, 2],
    [-15, 10, -1],
    [25, 10, 3],
    [-25, 10, -2],
  ] as const) {
    const own = division(x, y, 'nearest');
    expect(own.witness[publishedWire(own)]).toBe(mod(BigInt(quotient)));
    for (const lie of [quotient - 1, quotient + 1]) expectRejected(own, publishing(own, lie), `${x} / ${y} = ${lie}`);
  }
});

test('zero divisor: bounds that contain zero are refused', () => {
  const divisor: Operand = [-4, 4, [1]];
  const graph = build([[0, 4, [1]], divisor], (inputs) => ({
    kind: 'divide',
    inputs,
    ...one,
    mode: 'floor',
    factor: 1,
  }));
  expect(() => lower(graph, analyseRanges(graph))).toThrow('the bounds of its divisor contain zero');
});

test('the other root, and the roots next to it', () => {
  for (const x of [0, 1, 15, 16, 17, 1_000_000, 2 ** 20 - 1]) {
    const own = honest([[0, 20, [x]]], (inputs) => ({ kind: 'sqrt', inputs, ...one, factor: 1 }));
    const root = Math.floor(Math.sqrt(x));
    for (const lie of [-root, root - 1, root + 1]) {
      if (lie !== root) expectRejected(own, publishing(own, lie), `√${x} = ${lie}`);
    }
  }
  expectNoLie(
    honest([[0, 14, [10_001]]], (inputs) => ({ kind: 'sqrt', inputs, ...one, factor: 1 })),
    '√10001',
  );
});

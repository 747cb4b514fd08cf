import { expect, test } from 'vitest';
import { combine } from '../../src/graph/compose/arithmetic.ts';
import { createQBuilder } from '../../src/quant/builder.ts';
import { interpret } from '../../src/quant/interpret.ts';
import type { QDivide } from '../../src/quant/qgraph.ts';
import { UnquantisableError } from '../../src/quant/unquantisable.ts';
import { run } from './bound.ts';

const [LO, BITS] = [-16, 5];

/** x · (dividend / √(Σ x² + 1)) for two integers, as a normalisation has it: the interval of the product, and its values. */
function normalised(dividend: number, mode: QDivide['mode']) {
  const q = createQBuilder();
  const [one, two, scale] = [[1], [2], 1] as const;
  const x = q.push({ kind: 'input', inputs: [], shape: two, scale, name: 'x', zero: 0, lo: LO, bits: BITS });
  const squares = q.push({ kind: 'mul', inputs: [x, x], shape: two, scale });
  const energy = q.push({
    ...{ kind: 'affine', inputs: [squares], shape: one, scale, groups: 1, outs: 1, positions: 1, depth: 2 },
    ...{ gather: Int32Array.of(0, 1), weight: Float64Array.of(1, 1), bias: Float64Array.of(1) },
  });
  const root = q.push({ kind: 'sqrt', inputs: [energy], shape: one, scale, factor: 1 });
  const constant = q.push({ kind: 'const', inputs: [], shape: one, scale, data: Float64Array.of(dividend) });
  const quotient = q.push({ kind: 'divide', inputs: [constant, root], shape: one, scale, mode, factor: 1 });
  const both = q.push({ kind: 'map', inputs: [quotient], shape: two, scale, source: Int32Array.of(0, 0), fill: 0 });
  const product = q.push({ kind: 'mul', inputs: [x, both], shape: two, scale });
  const graph = q.finish([{ name: 'y', node: product }]);
  let [least, most] = [0, 0];
  for (let code = 0; code < 2 ** (2 * BITS); code++) {
    const sample = Float64Array.of(LO + (code & 31), LO + (code >> BITS));
    const [first, second] = interpret(graph, new Map([['x', sample]]))[product];
    least = Math.min(least, first, second);
    most = Math.max(most, first, second);
  }
  return { range: q.range(product), least, most };
}

test('a product with the inverse of its own norm is bounded by the dividend, however large its factor is', () => {
  const { range, least, most } = normalised(1000, 'nearest');
  expect(Math.min(...range.lo)).toBeLessThanOrEqual(least);
  expect(Math.max(...range.hi)).toBeGreaterThanOrEqual(most);
  // The intervals of the two factors alone would give 16,000.
  expect(most).toBeGreaterThan(1000);
  expect(Math.max(...range.hi)).toBeLessThan(2 * most);
});

test.each(['floor', 'trunc'] as const)('%s quotients of a negative dividend stay within the bounds', (mode) => {
  for (const dividend of [-1, -3, -1000]) {
    const { range, least, most } = normalised(dividend, mode);
    expect(Math.min(...range.lo)).toBeLessThanOrEqual(least);
    expect(Math.max(...range.hi)).toBeGreaterThanOrEqual(most);
  }
});

test('an output that spans more integers than a double can tell apart is refused by name', () => {
  const outputOf = (bits: number) =>
    run([{ dtype: 'int64', lo: -(2 ** (bits - 1)), bits, values: [1, 2] }], (b, [x]) => [combine(b, [x, x], [2, 1])]);
  expect(outputOf(51).proved).toEqual([Float64Array.of(3, 6)]);
  expect(() => outputOf(52)).toThrow(UnquantisableError);
  expect(() => outputOf(52)).toThrow(/output "y0" spans \[-?\d+, \d+\], more integers than 2\^53/);
});

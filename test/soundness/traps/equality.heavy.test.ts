import { test } from 'vitest';
import { expectNoLie, honest, type Operand, one } from './trap.ts';

test('equality: neither answer can be forged, nor the inverse', () => {
  for (const difference of [0, 1, -1, 40]) {
    const operands: readonly Operand[] = [
      [-99, 9, [17 + difference]],
      [-99, 9, [17]],
    ];
    expectNoLie(
      honest(operands, (inputs) => ({ kind: 'compare', inputs, ...one, relation: 'eq' })),
      `difference ${difference}`,
    );
  }
});

test('clips, maxima and segments: no bit and no intermediate wire can move', () => {
  const x: Operand = [-2000, 12, [300]];
  expectNoLie(
    honest([x], (inputs) => ({ kind: 'clip', inputs, ...one, lo: -128, hi: 127 })),
    'clip',
  );
  expectNoLie(
    honest(
      [
        [-500, 10, [77]],
        [-500, 10, [77]],
      ],
      ([a, b]) => ({
        kind: 'max',
        inputs: [a, b],
        ...one,
        window: 2,
        gather: Int32Array.of(0, 1),
      }),
    ),
    'maximum of equals',
  );
  expectNoLie(
    honest([[-32, 6, [5]]], (inputs) => ({
      kind: 'function',
      inputs,
      ...one,
      name: 'test',
      lo: -32,
      bits: 6,
      segmentBits: 3,
      shift: 4,
      coefficients: [Float64Array.of(1, -2, 3, 4, 50, -6, 7, 8), Float64Array.of(9, 1, 2, -8, 3, 4, -5, 6)],
    })),
    'function',
  );
});

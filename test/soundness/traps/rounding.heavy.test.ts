import { test } from 'vitest';
import { mod } from '../solver/linear.ts';
import { expectRejected } from '../unique.ts';
import { expectNoLie, honest, type Operand, one, publishedWire, publishing } from './trap.ts';

test('sign of zero: nothing rounds, divides or compares zero as a negative number', () => {
  const signed: Operand = [-(2 ** 15), 16, [0]];
  expectNoLie(
    honest([signed], (inputs) => ({ kind: 'round', inputs, ...one, mode: 'trunc', shift: 6 })),
    'trunc(0)',
  );
  expectNoLie(
    honest([signed, [1, 8, [7]]], (inputs) => ({ kind: 'divide', inputs, ...one, mode: 'trunc', factor: 1 })),
    '0 / 7',
  );
  expectNoLie(
    honest([signed], (inputs) => ({ kind: 'rescale', inputs, ...one, shift: 0, relu: true, width: null })),
    'ReLU of 0',
  );
  expectNoLie(
    honest([signed, [-5, 4, [0]]], (inputs) => ({ kind: 'compare', inputs, ...one, relation: 'lt' })),
    '0 < 0',
  );
});

test('a tie to the odd neighbour', () => {
  for (const x of [-24, -8, 8, 24, 40, 7, 9]) {
    const own = honest([[-100, 8, [x]]], (inputs) => ({ kind: 'round', inputs, ...one, mode: 'even', shift: 4 }));
    const floor = Math.floor(x / 16);
    const honestly = own.witness[publishedWire(own)];
    for (const lie of [floor - 1, floor, floor + 1, floor + 2]) {
      if (mod(BigInt(lie)) !== honestly) expectRejected(own, publishing(own, lie), `${x} / 16 rounded to ${lie}`);
    }
  }
});

test('unaligned offset: bounds that are no powers of two leave one result', () => {
  for (const lo of [-1000, -777, -1, 0, 3, 513]) {
    for (const relu of [false, true]) {
      const x = lo + 341;
      const own = honest([[lo, 10, [x]]], (inputs) => ({
        kind: 'rescale',
        inputs,
        ...one,
        shift: 5,
        relu,
        width: null,
      }));
      const floor = Math.floor((x + 16) / 32);
      for (const lie of [floor - 1, floor, floor + 1, floor - 32, floor + 32, 0]) {
        if (mod(BigInt(lie)) === own.witness[publishedWire(own)]) continue;
        expectRejected(own, publishing(own, lie), `${x} requantised to ${lie}`);
      }
      expectNoLie(own, `bounds from ${lo}, ReLU ${relu}`);
    }
  }
});

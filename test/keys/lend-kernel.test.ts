import { expect, test } from 'vitest';
import { widen } from '../../src/keys/ceremony/lend-kernel.ts';

test('scalars of any length become 32 bytes each', () => {
  const scalars = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const wide = new Uint8Array(96);
  wide.set([1, 2], 0);
  wide.set([3, 4], 32);
  wide.set([5, 6], 64);
  expect(widen(scalars, 3)).toEqual(wide);
  expect(widen(wide, 3)).toBe(wide);
  expect(widen(new Uint8Array(0), 0)).toEqual(new Uint8Array(0));
  expect(() => widen(scalars, 4)).toThrow('6 bytes are no 4 scalars');
  expect(() => widen(new Uint8Array(33), 1)).toThrow('33 bytes are no 1 scalars');
});

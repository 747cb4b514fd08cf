import { constants } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { addon, reason, thorough, variants } from './native.ts';
import { multiples, pointBytes, randomIntegers, scalarBytes } from './points.ts';

const r = SCALAR_MODULUS;
const random = randomIntegers(31);

describe.skipIf(addon === undefined).each(variants)(`multiples of one point by kernel %s ${reason}`, (variant) => {
  if (addon === undefined) return;
  const kernel = createNativeKernel(addon, { variant, threads: 2 });

  test.each([1, 2] as const)('group %i', async (group) => {
    const base = multiples(group, [7n]);
    for (const size of thorough ? [0, 1, 2, 33, 1000, 5000] : [0, 1, 40]) {
      const edges = [0n, 1n, r - 1n, 2n, (r - 1n) / 2n, (r + 1n) / 2n, 2n ** 253n, 0n];
      const scalars = Array.from({ length: size }, (_, i) => edges[i] ?? random() % r);
      const points = await kernel.multiplyBase?.({ group, base, scalars: scalarBytes(scalars) });
      expect(points).toEqual(
        multiples(
          group,
          scalars.map((scalar) => 7n * scalar),
        ),
      );
    }
  });

  test('more than one batch', async () => {
    const count = 9000;
    const scalars = Array.from({ length: count }, () => random() % r);
    const points = await kernel.multiplyBase?.({ group: 1, base: multiples(1, [1n]), scalars: scalarBytes(scalars) });
    for (const i of [0, 1, 4095, 4096, 8191, 8192, count - 1]) {
      expect(points?.subarray(64 * i, 64 * i + 64)).toEqual(multiples(1, [scalars[i]]));
    }
  });

  test('more points than an array of JavaScript holds are refused', {
    skip: constants.MAX_LENGTH > 2 ** 33,
  }, async () => {
    // Pages that nobody writes take no memory.
    const scalars = new Uint8Array(32 * (Math.floor(constants.MAX_LENGTH / 128) + 1));
    const base = multiples(2, [1n]);
    await expect(kernel.multiplyBase?.({ group: 2, base, scalars })).rejects.toThrow('not enough memory');
  });

  test('scalars not below the order are refused, and infinity times anything is infinity', async () => {
    const base = new Uint8Array(pointBytes(1));
    await expect(kernel.multiplyBase?.({ group: 1, base, scalars: scalarBytes([r]) })).rejects.toThrow('not below');
    expect(await kernel.multiplyBase?.({ group: 1, base, scalars: scalarBytes([5n]) })).toEqual(base);
  });
});

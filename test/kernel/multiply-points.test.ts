import { describe, expect, test } from 'vitest';
import { InternalError } from '../../src/errors.ts';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import type { Kernel } from '../../src/kernel/contract.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { edgePoints, sumOf } from './edge-points.ts';
import { addon, thorough, variants } from './native.ts';
import { multiples, randomIntegers, scalarBytes } from './points.ts';

const r = SCALAR_MODULUS;
const random = randomIntegers(53);
const LAMBDA = 4407920970296243842393367215006156084916469457145843978461n;
/** Scalars whose halves are zero, small, even, odd or negative, and any others. */
const scalars = [
  0n,
  1n,
  2n,
  3n,
  r - 1n,
  r - 2n,
  LAMBDA,
  LAMBDA + 1n,
  r - LAMBDA,
  (r + 1n) / 2n,
  2n ** 127n,
  2n ** 253n,
];
const factors = [0n, 1n, -1n, 2n, 1n, -2n, LAMBDA, -LAMBDA, 0n, random() % r, random() % r];

const loaded = loadWasmCode('simd');
if ('reason' in loaded) throw new InternalError(loaded.reason);
const kernels: readonly Kernel[] = [
  ...variants.flatMap((variant) => (addon === undefined ? [] : [createNativeKernel(addon, { variant, threads: 2 })])),
  createWasmKernel(loaded.code, { threads: 1 }),
];

describe.each(kernels)('one scalar times many points by kernel $name', ({ multiplyPoints, sumPoints }) => {
  if (multiplyPoints === undefined || sumPoints === undefined) throw new InternalError('the kernel lacks functions');

  test('points that are equal, opposite, infinite or multiples of each other', async () => {
    const points = multiples(1, factors);
    for (const scalar of [...scalars, ...Array.from({ length: thorough ? 500 : 4 }, () => random() % r)]) {
      const products = await multiplyPoints({ points, scalar: scalarBytes([scalar]) });
      const expected = multiples(
        1,
        factors.map((factor) => scalar * factor),
      );
      expect(products, `${scalar}`).toEqual(expected);
    }
  });

  test('no points, only infinity, and more than one task', async () => {
    const scalar = scalarBytes([random() % r]);
    expect(await multiplyPoints({ points: new Uint8Array(0), scalar })).toEqual(new Uint8Array(0));
    expect(await multiplyPoints({ points: new Uint8Array(640), scalar })).toEqual(new Uint8Array(640));
    const few = multiples(
      1,
      Array.from({ length: 7 }, (_, i) => BigInt(i * i)),
    );
    const once = await multiplyPoints({ points: few, scalar });
    const copies = 700;
    const points = new Uint8Array(few.length * copies);
    for (let i = 0; i < copies; i++) points.set(few, few.length * i);
    const products = await multiplyPoints({ points, scalar });
    for (let i = 0; i < copies; i++) {
      const part = products.subarray(few.length * i, few.length * (i + 1));
      if (Buffer.compare(part, once) !== 0) expect.unreachable(`copy ${i}`);
    }
  });

  test('points with limbs of zeros and ones', async () => {
    const edges = edgePoints(1);
    const products = await multiplyPoints({ points: Buffer.concat(edges), scalar: scalarBytes([r - 12345n]) });
    edges.forEach((edge, i) => {
      expect(products.subarray(64 * i, 64 * i + 64)).toEqual(sumOf(1, [edge], [r - 12345n]));
    });
  });

  test('a scalar not below the order is refused, and an aborted call ends', async () => {
    const points = multiples(1, [1n]);
    await expect(multiplyPoints({ points, scalar: scalarBytes([r]) })).rejects.toThrow('not below');
    const why = new Error('enough');
    const signal = AbortSignal.abort(why);
    await expect(multiplyPoints({ points, scalar: scalarBytes([1n]) }, { signal })).rejects.toBe(why);
  });

  test.each([1, 2] as const)('sums in group %i', async (group) => {
    const points = multiples(group, factors);
    const weights = factors.map(() => random() % r);
    const total = weights.reduce((sum, weight, i) => sum + weight * factors[i], 0n);
    expect(await sumPoints({ group, points, scalars: scalarBytes(weights) })).toEqual(multiples(group, [total]));
  });
});

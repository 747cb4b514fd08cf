import { describe, expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { edgePoints, sumOf } from './edge-points.ts';
import { addon, reason, thorough, variants } from './native.ts';
import { type Group, multiples, pointBytes, randomIntegers, repeatPoints, scalarBytes } from './points.ts';

const r = SCALAR_MODULUS;
const random = randomIntegers(7);
/** Factors of the generator whose points collide in every way: equal, opposite, infinite, sums of each other. */
const factors = [0n, 1n, -1n, 2n, -2n, 3n, 1n, 5n, r - 5n, 2n ** 100n, -(2n ** 100n), random() % r, random() % r];
const points = { 1: multiples(1, factors), 2: multiples(2, factors) };

/** Expects Σ scalars[i]·factors[choice[i]]·G, which the oracle gets with one multiplication. */
function check(variant: string, threads: number, group: Group, scalars: readonly bigint[], window: number): void {
  const choice = scalars.map(() => Number(random() % BigInt(factors.length)));
  const out = new Uint8Array(pointBytes(group)).fill(7);
  const status = addon?.sum(
    ...[variant, threads, group],
    repeatPoints(group, points[group], choice),
    scalarBytes(scalars),
    ...[window, out],
  );
  expect(status).toBe(0);
  const total = scalars.reduce((sum, scalar, i) => sum + scalar * factors[choice[i]], 0n);
  expect(out).toEqual(multiples(group, [total]));
}

const shapes: Readonly<Record<string, () => bigint>> = {
  uniform: () => random() % r,
  bits: () => random() & 1n,
  signs: () => [0n, 1n, r - 1n][Number(random() % 3n)],
  short: () => (random() & 1n ? random() % 4096n : (r - (random() % 4096n)) % r),
  sparse: () => (random() % 20n === 0n ? random() % r : 0n),
  edges: () => [1n, r - 1n, (r - 1n) / 2n, (r + 1n) / 2n, 2n ** 253n, 2n ** 64n, 2n ** 64n - 1n][Number(random() % 7n)],
  equal: () => 0x1234567890abcdefn ** 3n % r,
};
const sizes = thorough
  ? [...Array(70).keys(), 127, 128, 511, 513, 1000, 2 ** 12, 2 ** 12 + 1]
  : [0, 1, 2, 3, 8, 65, 700];

describe.skipIf(addon === undefined).each(variants)(`sums of points by kernel %s ${reason}`, (variant) => {
  test.each(Object.keys(shapes))('%s scalars, in both groups, on one and several threads', (shape) => {
    for (const size of sizes) {
      const scalars = Array.from({ length: size }, shapes[shape]);
      for (const group of [1, 2] as const) {
        for (const threads of size > 64 ? [1, 3] : [1]) check(variant, threads, group, scalars, 0);
      }
    }
  });

  test.each([1, 2] as const)('points with limbs of zeros and ones, in group %i', (group) => {
    const edges = edgePoints(group);
    // Each point alone, pairs, and all of them in the same and in different buckets.
    for (const factorOf of [() => 1n, (i: number) => BigInt(i % 3), (i: number) => BigInt(1 + i) ** 2n]) {
      for (const size of [1, 2, 9, edges.length]) {
        const some = edges.slice(-size);
        const scalars = some.map((_, i) => factorOf(i));
        const out = new Uint8Array(pointBytes(group));
        expect(addon?.sum(variant, 1, group, Buffer.concat(some), scalarBytes(scalars), 0, out)).toBe(0);
        expect(out, `${size} points`).toEqual(sumOf(group, some, scalars));
      }
    }
  });

  test('every window', () => {
    for (const window of thorough ? Array.from({ length: 16 }, (_, i) => i + 1) : [1, 2, 3, 8, 13]) {
      const scalars = Array.from({ length: thorough ? 3000 : 100 }, (_, i) => Object.values(shapes)[i % 7]());
      check(variant, 2, 1, scalars, window);
      if (thorough || window === 3) check(variant, 2, 2, scalars, window);
    }
  });

  test('buckets longer than a batch are cut and joined again', () => {
    const scalars = Array.from({ length: 40_000 }, (_, i) => (i % 7 === 0 ? 0n : i % 3 === 0 ? 5n : 1n));
    check(variant, 2, 1, scalars, 0);
    check(variant, 1, 1, scalars, 4);
  });

  test('every size up to 2^12', { skip: !thorough }, () => {
    const scalars = Array.from({ length: 2 ** 12 }, (_, i) => Object.values(shapes)[i % 7]());
    const choice = scalars.map(() => Number(random() % BigInt(factors.length)));
    const [all, bytes, out] = [repeatPoints(1, points[1], choice), scalarBytes(scalars), new Uint8Array(64)];
    let total = 0n;
    for (let size = 1; size <= scalars.length; size++) {
      total += scalars[size - 1] * factors[choice[size - 1]];
      const [some, few] = [all.subarray(0, 64 * size), bytes.subarray(0, 32 * size)];
      const status = addon?.sum(variant, 1 + (size % 2), 1, some, few, 0, out);
      expect(status).toBe(0);
      if (!Buffer.from(out).equals(multiples(1, [total]))) expect.unreachable(`${size} points`);
    }
  });

  test('scalars not below the order are refused', () => {
    const out = new Uint8Array(64);
    for (const scalar of [r, r + 1n, 2n ** 256n - 1n]) {
      const scalars = scalarBytes([1n, scalar]);
      expect(addon?.sum(variant, 1, 1, multiples(1, [1n, 2n]), scalars, 0, out)).toBe(3);
    }
  });

  test('arguments that do not fit together throw', () => {
    const out = new Uint8Array(64);
    const call = (...[points, scalars, window]: [Uint8Array, Uint8Array, number]) =>
      addon?.sum(variant, 1, 1, points, scalars, window, out);
    expect(() => call(new Uint8Array(63), new Uint8Array(32), 0)).toThrow(TypeError);
    expect(() => call(new Uint8Array(64), new Uint8Array(31), 0)).toThrow(TypeError);
    expect(() => addon?.sum('quantum', 1, 1, new Uint8Array(64), new Uint8Array(32), 0, out)).toThrow(TypeError);
    expect(() => addon?.sum(variant, 0, 1, new Uint8Array(64), new Uint8Array(32), 0, out)).toThrow(TypeError);
    expect(call(new Uint8Array(64), new Uint8Array(32), 17)).toBe(4);
  });
});

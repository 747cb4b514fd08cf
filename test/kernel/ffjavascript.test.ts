import { describe, expect, test } from 'vitest';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { loadCurveCode } from '../../src/keys/curve-code.ts';
import { startCurve } from '../../src/keys/curve-instance.ts';
import { addon, reason, thorough, variants } from './native.ts';
import { type Group, multiples, pointBytes, randomIntegers, repeatPoints, scalarBytes } from './points.ts';

const random = randomIntegers(53);
const r = SCALAR_MODULUS;
const MOST = 3000;
const SPACE = 1 << 22;
const curve = await startCurve((await loadCurveCode()).code, SPACE, SPACE << 2);
const [pointsAt, scalarsAt, sumAt] = [128 * MOST, 32 * MOST, 256].map((size) => curve.allocate(size));

/** The same sum by ffjavascript, affine. */
function theirSum(group: Group, points: Uint8Array, scalars: Uint8Array): Uint8Array {
  curve.bytes.set(points, pointsAt);
  curve.bytes.set(scalars, scalarsAt);
  curve.call(`g${group}m_multiexpAffine`)(pointsAt, scalarsAt, 32, scalars.length / 32, sumAt);
  curve.call(`g${group}m_toAffine`)(sumAt, sumAt);
  return curve.bytes.slice(sumAt, sumAt + pointBytes(group));
}

/** Points that are equal, opposite, infinite and sums of each other; scalars at every edge of a digit or a class. */
const factors = [0n, 1n, -1n, 2n, -2n, 1n, 3n, r - 3n, random() % r, random() % r, 2n ** 127n];
const edges = [0n, 1n, r - 1n, 2n, r - 2n, (r - 1n) / 2n, (r + 1n) / 2n, 4095n, 4096n, 2n ** 64n - 1n, 2n ** 64n];
const scalarAt = (i: number) => (i % 3 === 0 ? edges[Number(random() % BigInt(edges.length))] : random() % r);

describe.skipIf(addon === undefined).each(variants)(`sums by kernel %s and by ffjavascript ${reason}`, (variant) => {
  test.each([1, 2] as const)('group %i', (group) => {
    const known = multiples(group, factors);
    for (const size of thorough ? [1, 2, 3, 17, 64, 100, 511, 512, 513, 1024, MOST] : [1, 2, 3, 64, 513]) {
      const choice = Array.from({ length: size }, () => Number(random() % BigInt(factors.length)));
      const points = repeatPoints(group, known, choice);
      const scalars = scalarBytes(Array.from({ length: size }, (_, i) => scalarAt(i)));
      const out = new Uint8Array(pointBytes(group));
      expect(addon?.sum(variant, 2, group, points, scalars, 0, out)).toBe(0);
      expect(out, `${size} points`).toEqual(theirSum(group, points, scalars));
    }
  });
});

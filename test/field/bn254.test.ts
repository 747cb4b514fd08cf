import { bn254 } from '@noble/curves/bn254.js';
import { expect, test } from 'vitest';
import * as field from '../../src/field/bn254.ts';
import { fc } from '../property.ts';

const { Fr } = bn254.fields;
const scalar = fc.bigInt({ min: 0n, max: field.SCALAR_MODULUS - 1n }).map((value) => field.toScalar(value));

test('agrees with noble', () => {
  fc.assert(
    fc.property(scalar, scalar, (x, y) => {
      expect(field.add(x, y)).toBe(Fr.add(x, y));
      expect(field.subtract(x, y)).toBe(Fr.sub(x, y));
      expect(field.multiply(x, y)).toBe(Fr.mul(x, y));
      if (x !== 0n) expect(field.invert(x)).toBe(Fr.inv(x));
      expect(field.toScalar(field.toSigned(x))).toBe(x);
    }),
  );
  expect(field.BASE_MODULUS).toBe(bn254.fields.Fp.ORDER);
});

test('roots of unity have exactly their order', () => {
  for (const bits of [1, 5, 28]) {
    const root = field.rootOfUnity(bits);
    expect(field.power(root, 2n ** BigInt(bits))).toBe(1n);
    expect(field.power(root, 2n ** BigInt(bits - 1))).toBe(field.SCALAR_MODULUS - 1n);
  }
});

test('random elements are in range and differ', () => {
  const drawn = new Set(Array.from({ length: 100 }, () => field.randomScalar()));
  expect(drawn.size).toBe(100);
  for (const value of drawn) expect(field.isScalar(value) && value > 0n).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { add, multiply, power, rootOfUnity, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { readLittleEndian } from '../../src/field/bytes.ts';
import { addon, reason, thorough, variants } from './native.ts';
import { randomIntegers, scalarBytes } from './points.ts';

const random = randomIntegers(11);

/** Horner's rule: slow and obvious. */
function evaluate(coefficients: readonly Scalar[], at: Scalar): Scalar {
  return coefficients.reduceRight((value, coefficient) => add(multiply(value, at), coefficient), toScalar(0));
}

describe.skipIf(addon === undefined).each(variants)(`transforms by kernel %s ${reason}`, (variant) => {
  test.each(Array.from({ length: thorough ? 18 : 15 }, (_, bits) => bits))('2^%i values', (bits) => {
    const size = 2 ** bits;
    const coefficients = Array.from({ length: size }, (_, i) => toScalar(i % 5 === 0 ? BigInt(i % 3) - 1n : random()));
    const values = scalarBytes(coefficients);
    expect(addon?.transform(variant, 1 + (bits % 3), values)).toBe(0);
    const places = size <= 64 ? [...Array(size).keys()] : [0, 1, size / 2 - 1, size / 2, size / 2 + 3, size - 1];
    for (const place of places) {
      const point = power(rootOfUnity(bits), BigInt(place));
      expect(readLittleEndian(values, 32 * place)).toBe(evaluate(coefficients, point));
    }
  });
});

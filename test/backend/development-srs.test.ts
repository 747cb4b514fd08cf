import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { afterAll, expect, test } from 'vitest';
import { writeDevelopmentSrs } from '../../src/backend/ezkl/development-srs.ts';
import { BASE_MODULUS, power, SCALAR_MODULUS, toScalar } from '../../src/field/bn254.ts';
import { readLittleEndian } from '../../src/field/bytes.ts';
import { chooseKernel } from '../../src/kernel/choose.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';

const { G1, G2 } = bn254;
const folder = mkdtempSync(join(tmpdir(), 'vouch-srs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { kernel } = chooseKernel();
afterAll(() => kernel.close());
const multiplies = kernel.multiplyBase !== undefined;
const skipped = multiplies ? '' : ` (skipped: the kernel ${kernel.name} does not multiply points)`;

/** A coordinate in Montgomery form. */
function coordinate(bytes: Uint8Array, at: number): bigint {
  const inverse = bn254.fields.Fp.inv(2n ** 256n % BASE_MODULUS);
  return (readLittleEndian(bytes, at) * inverse) % BASE_MODULUS;
}

test.runIf(multiplies)(
  `the points are powers of one secret, and those of its Lagrange polynomials${skipped}`,
  async () => {
    const logrows = 3;
    const count = 2 ** logrows;
    const path = join(folder, 'kzg.srs');
    expect(await writeDevelopmentSrs(kernel, logrows, path)).toBe(true);
    const bytes = new Uint8Array(readFileSync(path));
    expect(bytes.length).toBe(4 + 2 * 64 * count + 2 * 128);
    expect([...bytes.subarray(0, 4)]).toEqual([logrows, 0, 0, 0]);
    const g1 = (i: number) => {
      const at = 4 + 64 * i;
      return G1.Point.fromAffine({ x: coordinate(bytes, at), y: coordinate(bytes, at + 32) });
    };
    const g2 = (i: number) => {
      const at = 4 + 128 * count + 128 * i;
      const [x0, x1, y0, y1] = [0, 32, 64, 96].map((offset) => coordinate(bytes, at + offset));
      return G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
    };
    const powers = Array.from({ length: count }, (_, i) => g1(i));
    const lagrange = Array.from({ length: count }, (_, i) => g1(count + i));
    for (const point of [...powers, ...lagrange]) expect(() => point.assertValidity()).not.toThrow();
    expect(powers[0].equals(G1.Point.BASE)).toBe(true);
    expect(powers[1].equals(G1.Point.BASE)).toBe(false);
    expect(g2(0).equals(G2.Point.BASE)).toBe(true);
    const { Fp12 } = bn254.fields;
    for (let i = 1; i < count; i++) {
      expect(Fp12.eql(bn254.pairing(powers[i], g2(0)), bn254.pairing(powers[i - 1], g2(1)))).toBe(true);
    }
    // Σ ωⁱʲ·Lᵢ(τ) = τʲ, with the root of unity that halo2 takes.
    const omega = power(toScalar(7n), (SCALAR_MODULUS - 1n) / BigInt(count));
    for (let j = 0; j < count; j++) {
      const terms = lagrange.map((point, i) => point.multiply(power(omega, BigInt(i * j))));
      const sum = terms.reduce((total, point) => total.add(point));
      expect(sum.equals(powers[j]), `power ${j}`).toBe(true);
    }
  },
);

test('a kernel that does not multiply points leaves the work to EZKL', async () => {
  const portable = createSnarkjsKernel();
  const path = join(folder, 'absent.srs');
  expect(await writeDevelopmentSrs(portable, 3, path)).toBe(false);
  expect(() => readFileSync(path)).toThrow('ENOENT');
  await portable.close();
});

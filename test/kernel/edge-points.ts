import { bn254 } from '@noble/curves/bn254.js';
import { BASE_MODULUS } from '../../src/field/bn254.ts';
import { FIELD_BYTES, readLittleEndian, writeLittleEndian } from '../../src/field/bytes.ts';
import type { Group } from './points.ts';

const q = BASE_MODULUS;
const { Fp, Fp2 } = bn254.fields;
const { G1, G2 } = bn254;
const inverseRadix = Fp.inv(2n ** 256n % q);

/**
 * Points whose stored x has limbs of zeros or ones throughout, for limbs of every width that a kernel cuts numbers into, or
 * is next to the modulus. Many share their lowest limb, by which the vector kernel suspects points to be equal or infinite.
 * Those of G2 need not be of order r.
 */
export function edgePoints(group: Group): Uint8Array[] {
  const patterns = [29n, 51n, 52n, 64n].flatMap((width) => {
    const ones = 2n ** width - 1n;
    const limbs = Array.from({ length: Number(256n / width) }, (_, i) => ones << (width * BigInt(i)));
    const everyOther = (first: number) => limbs.reduce((sum, limb, i) => sum + (i % 2 === first ? limb : 0n), 0n);
    return [...limbs, everyOther(0), everyOther(1)];
  });
  const wanted = [...patterns, 2n ** 256n - 1n].map((pattern) => pattern % 2n ** 252n);
  return [...wanted, q - 1n, q - 2n, (q - 1n) / 2n, 2n ** 52n, 3n * 2n ** 64n].map((x) => pointNear(group, x));
}

/** Σ factorᵢ·pointᵢ by @noble/curves; factors small, since the order of a point may be any. */
export function sumOf(group: Group, points: readonly Uint8Array[], factors: readonly bigint[]): Uint8Array {
  if (group === 1) {
    const sum = points.reduce((total, bytes, i) => {
      const [x, y] = coordinatesOf(bytes);
      return factors[i] === 0n ? total : total.add(G1.Point.fromAffine({ x, y }).multiplyUnsafe(factors[i]));
    }, G1.Point.ZERO);
    const { x, y } = sum.toAffine();
    return store([x, y]);
  }
  const sum = points.reduce((total, bytes, i) => {
    const [x0, x1, y0, y1] = coordinatesOf(bytes);
    const point = G2.Point.fromAffine({ x: Fp2.create({ c0: x0, c1: x1 }), y: Fp2.create({ c0: y0, c1: y1 }) });
    return factors[i] === 0n ? total : total.add(point.multiplyUnsafe(factors[i]));
  }, G2.Point.ZERO);
  const { x, y } = sum.toAffine();
  return store([x.c0, x.c1, y.c0, y.c1]);
}

/** The first x from this one on, in steps that leave the lowest limbs alone, for which there is a point. */
function pointNear(group: Group, stored: bigint): Uint8Array {
  for (let next = stored % q; ; next = (next + 2n ** 64n) % q) {
    const x = Fp.mul(next, inverseRadix);
    try {
      if (group === 1) return store([x, Fp.sqrt(Fp.add(Fp.pow(x, 3n), 3n))]);
      const point = Fp2.create({ c0: x, c1: Fp.neg(x) });
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(point), point), G2.Point.CURVE().b));
      return store([point.c0, point.c1, y.c0, y.c1]);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('square root'))) throw error;
    }
  }
}

function store(coordinates: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES * coordinates.length);
  coordinates.forEach((coordinate, i) => {
    writeLittleEndian(bytes, FIELD_BYTES * i, (coordinate << 256n) % q);
  });
  return bytes;
}

function coordinatesOf(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / FIELD_BYTES }, (_, i) =>
    Fp.mul(readLittleEndian(bytes, FIELD_BYTES * i), inverseRadix),
  );
}

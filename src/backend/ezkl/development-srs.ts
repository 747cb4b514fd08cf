import { open } from 'node:fs/promises';
import { bn254 } from '@noble/curves/bn254.js';
import {
  BASE_MODULUS,
  invertMany,
  multiply,
  power,
  randomScalar,
  SCALAR_MODULUS,
  type Scalar,
  subtract,
  toScalar,
} from '../../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../../field/bytes.ts';
import type { BaseRequest, Kernel } from '../../kernel/contract.ts';

/** EZKL's roots of unity are powers of its generator 7; those of circom's tools are powers of 5. */
const GENERATOR = toScalar(7n);

/** Points that are computed together: their scalars are big integers, 2^26 of which would fill the memory. */
const BLOCK = 2 ** 17;

export interface SrsOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a structured reference string for 2^logrows rows as EZKL stores it, with a secret that is drawn here and
 * forgotten: the logarithm, the points τⁱ·G, the points Lᵢ(τ)·G of the Lagrange polynomials over the roots of unity,
 * H and τ·H. False, and nothing written, where the kernel does not multiply points.
 */
export async function writeDevelopmentSrs(
  kernel: Kernel,
  logrows: number,
  path: string,
  { signal }: SrsOptions = {},
): Promise<boolean> {
  const { multiplyBase } = kernel;
  if (multiplyBase === undefined) return false;
  const times = (group: BaseRequest['group'], values: readonly Scalar[]) =>
    multiplyBase({ group, base: generatorOf(group), scalars: encodeAll(values) }, { signal });
  const tau = randomScalar();
  const count = 2 ** logrows;
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, logrows, true);
  const file = await open(path, 'wx');
  try {
    await file.writeFile(head);
    for (const powers of powerBlocks(tau, count)) await file.writeFile(await times(1, powers));
    for (const values of lagrangeBlocks(tau, logrows)) await file.writeFile(await times(1, values));
    await file.writeFile(generatorOf(2));
    await file.writeFile(await times(2, [tau]));
  } finally {
    await file.close();
  }
  return true;
}

/** 1, base, base², …, in blocks. */
function* powerBlocks(base: Scalar, count: number): Generator<Scalar[]> {
  let next = toScalar(1n);
  for (let start = 0; start < count; start += BLOCK) {
    const block: Scalar[] = [];
    for (let i = start; i < Math.min(start + BLOCK, count); i++) {
      block.push(next);
      next = multiply(next, base);
    }
    yield block;
  }
}

/** Lᵢ(τ) = ωⁱ·(τⁿ − 1) / (n·(τ − ωⁱ)); a random τ is no root of unity. */
function* lagrangeBlocks(tau: Scalar, logrows: number): Generator<Scalar[]> {
  const count = 2 ** logrows;
  const size = toScalar(BigInt(count));
  const omega = power(GENERATOR, (SCALAR_MODULUS - 1n) >> BigInt(logrows));
  const factor = subtract(power(tau, size), toScalar(1n));
  for (const roots of powerBlocks(omega, count)) {
    const inverses = invertMany(roots.map((root) => multiply(size, subtract(tau, root))));
    yield roots.map((root, i) => multiply(multiply(root, factor), inverses[i]));
  }
}

function encodeAll(values: readonly Scalar[]): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES * values.length);
  for (const [i, value] of values.entries()) writeLittleEndian(bytes, FIELD_BYTES * i, value);
  return bytes;
}

/** In Montgomery form, as both the kernel and EZKL hold points. */
function generatorOf(group: BaseRequest['group']): Uint8Array {
  const g1 = bn254.G1.Point.BASE.toAffine();
  const g2 = bn254.G2.Point.BASE.toAffine();
  const coordinates = group === 1 ? [g1.x, g1.y] : [g2.x.c0, g2.x.c1, g2.y.c0, g2.y.c1];
  const bytes = new Uint8Array(FIELD_BYTES * coordinates.length);
  for (const [i, coordinate] of coordinates.entries()) {
    writeLittleEndian(bytes, FIELD_BYTES * i, (coordinate << 256n) % BASE_MODULUS);
  }
  return bytes;
}

import { bn254 } from '@noble/curves/bn254.js';
import { BASE_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../field/bytes.ts';
import type { Kernel } from '../kernel/contract.ts';
import type { BaseScalars } from './fixed-base.ts';

export interface KernelMultiplyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The points of each vector of scalars, multiplied by a kernel that can. */
export async function multiplyWithKernel(
  multiplyBase: NonNullable<Kernel['multiplyBase']>,
  inputs: readonly BaseScalars[],
  { signal, onProgress }: KernelMultiplyOptions,
): Promise<Uint8Array[]> {
  // A product in G2 takes about three times as long.
  const weights = inputs.map(({ group, scalars }) => (group === 'g1' ? 1 : 3) * scalars.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let done = 0;
  const results: Uint8Array[] = [];
  for (const [i, { group, scalars }] of inputs.entries()) {
    const request = {
      group: group === 'g1' ? 1 : 2,
      base: generator(group),
      scalars: new Uint8Array(scalars.buffer, scalars.byteOffset, scalars.byteLength),
    } as const;
    const options = { signal, onProgress: (fraction: number) => onProgress?.(done + fraction * weights[i], total) };
    results.push(await multiplyBase(request, options));
    done += weights[i];
  }
  return results;
}

/** The generator as keys store points. */
function generator(group: BaseScalars['group']): Uint8Array {
  const g1 = bn254.G1.Point.BASE.toAffine();
  const g2 = bn254.G2.Point.BASE.toAffine();
  const coordinates = group === 'g1' ? [g1.x, g1.y] : [g2.x.c0, g2.x.c1, g2.y.c0, g2.y.c1];
  const bytes = new Uint8Array(FIELD_BYTES * coordinates.length);
  for (const [i, coordinate] of coordinates.entries()) {
    writeLittleEndian(bytes, FIELD_BYTES * i, (coordinate << 256n) % BASE_MODULUS);
  }
  return bytes;
}

import { bn254 } from '@noble/curves/bn254.js';
import { BASE_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../field/bytes.ts';
import type { Kernel } from '../kernel/contract.ts';
import type { BaseTask } from './fixed-base.ts';

export interface KernelMultiplyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Runs the tasks on a kernel; false, and nothing done, where it does not multiply. */
export async function multiplyWithKernel(
  kernel: Kernel,
  tasks: readonly BaseTask[],
  { signal, onProgress }: KernelMultiplyOptions,
): Promise<boolean> {
  const { multiplyBase } = kernel;
  if (multiplyBase === undefined) return false;
  // A product in G2 takes about three times as long.
  const weights = tasks.map(({ group, scalars }) => (group === 'g1' ? 1 : 3) * scalars.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let done = 0;
  for (const [i, { group, scalars, points }] of tasks.entries()) {
    const request = {
      group: group === 'g1' ? 1 : 2,
      base: generator(group),
      scalars: new Uint8Array(scalars.buffer, scalars.byteOffset, scalars.byteLength),
    } as const;
    const options = { signal, onProgress: (fraction: number) => onProgress?.(done + fraction * weights[i], total) };
    points.set(await multiplyBase(request, options));
    done += weights[i];
  }
  return true;
}

/** The generator as keys store points. */
function generator(group: BaseTask['group']): Uint8Array {
  const g1 = bn254.G1.Point.BASE.toAffine();
  const g2 = bn254.G2.Point.BASE.toAffine();
  const coordinates = group === 'g1' ? [g1.x, g1.y] : [g2.x.c0, g2.x.c1, g2.y.c0, g2.y.c1];
  const bytes = new Uint8Array(FIELD_BYTES * coordinates.length);
  for (const [i, coordinate] of coordinates.entries()) {
    writeLittleEndian(bytes, FIELD_BYTES * i, (coordinate << 256n) % BASE_MODULUS);
  }
  return bytes;
}

import { buildBn128 } from 'ffjavascript';
import { InternalError } from '../../errors.ts';
import { FIELD_BYTES } from '../../field/bytes.ts';
import { chooseKernel, type KernelName } from '../../kernel/choose.ts';
import { G1_BYTES, G2_BYTES } from '../stored-points.ts';

/** Who did the long arithmetic of a step, and why nobody faster did. */
export interface StepKernel {
  readonly name: string;
  readonly passedOver: readonly string[];
}

/** For what a kernel of ours is lent nothing. */
export const SNARKJS_ALONE: StepKernel = { name: 'snarkjs', passedOver: [] };

/**
 * Gives the curve that snarkjs uses in this process, one object for all, a kernel of ours for two operations: all points
 * of a section times one scalar, and sums of multiples of points. Everything else stays snarkjs's own, also what it
 * writes, byte for byte.
 */
export async function lendKernel(
  kernelName: KernelName | undefined,
  onProgress: (fraction: number) => void,
): Promise<StepKernel> {
  const { kernel, passedOver } = chooseKernel({ kernel: kernelName });
  const { name, multiplyPoints, sumPoints } = kernel;
  if (multiplyPoints === undefined || sumPoints === undefined) return { name, passedOver };
  const { G1, G2, Fr } = await buildBn128();
  const multiplyInSequence = G1.batchApplyKey.bind(G1);
  G1.batchApplyKey = async (points, first, ratio) => {
    if (!Fr.eq(ratio, Fr.one)) return multiplyInSequence(points, first, ratio);
    const scalar = new Uint8Array(FIELD_BYTES);
    Fr.toRprLE(scalar, 0, first);
    return multiplyPoints({ points, scalar }, { onProgress }).finally(() => scalar.fill(0));
  };
  G1.multiExpAffine = (points, scalars) =>
    sumPoints({ group: 1, points, scalars: widen(scalars, points.length / G1_BYTES) }, { onProgress });
  G2.multiExpAffine = (points, scalars) =>
    sumPoints({ group: 2, points, scalars: widen(scalars, points.length / G2_BYTES) }, { onProgress });
  return { name, passedOver };
}

/** Scalars of any equal length up to 32 bytes, as 32 bytes each. */
export function widen(scalars: Uint8Array, count: number): Uint8Array {
  const length = scalars.length / count;
  if (length === FIELD_BYTES || count === 0) return scalars;
  if (!Number.isInteger(length) || length > FIELD_BYTES) {
    throw new InternalError(`${scalars.length} bytes are no ${count} scalars.`);
  }
  const wide = new Uint8Array(FIELD_BYTES * count);
  for (let i = 0; i < count; i++) wide.set(scalars.subarray(length * i, length * (i + 1)), FIELD_BYTES * i);
  return wide;
}

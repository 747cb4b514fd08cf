import { buildBn128, type LongBytes } from 'ffjavascript';
import { InternalError } from '../../errors.ts';
import { FIELD_BYTES } from '../../field/bytes.ts';
import { chooseKernel, type KernelName } from '../../kernel/choose.ts';
import { G1_BYTES, G2_BYTES } from '../stored-points.ts';

/** Who did the long arithmetic of a step, and why nobody faster did. */
export interface StepKernel {
  readonly name: string;
  readonly passedOver: readonly string[];
}

export interface LentKernel {
  readonly kernel: StepKernel;
  /** Throws if snarkjs computed all by itself though it was lent a kernel. */
  checkUsed(): void;
}

/** Where a step has no use for a kernel of ours. */
export const SNARKJS_ALONE: LentKernel = { kernel: { name: 'snarkjs', passedOver: [] }, checkUsed: () => {} };

/**
 * Gives the curve that snarkjs uses in this process, one object for all, a kernel of ours for two operations: all points
 * of a section times one scalar, and sums of multiples of points. Everything else stays snarkjs's own, also what it
 * writes, byte for byte.
 */
export async function lendKernel(
  kernelName: KernelName | undefined,
  onProgress: (fraction: number) => void,
): Promise<LentKernel> {
  const { kernel, passedOver } = chooseKernel({ kernel: kernelName });
  const { name, multiplyPoints, sumPoints } = kernel;
  const lent = { name, passedOver };
  if (multiplyPoints === undefined || sumPoints === undefined) return { ...SNARKJS_ALONE, kernel: lent };
  // What it imports forgets the curve when it is loaded, and a second one would be made.
  await import('snarkjs');
  const { G1, G2, Fr } = await buildBn128();
  let calls = 0;
  const multiplyInSequence = G1.batchApplyKey.bind(G1);
  G1.batchApplyKey = async (given, first, ratio) => {
    if (!Fr.eq(ratio, Fr.one)) return multiplyInSequence(given, first, ratio);
    calls++;
    const points = inOnePiece(given);
    const scalar = new Uint8Array(FIELD_BYTES);
    Fr.toRprLE(scalar, 0, first);
    return multiplyPoints({ points, scalar }, { onProgress }).finally(() => scalar.fill(0));
  };
  const sumWith = (group: 1 | 2, size: number) => (given: LongBytes, weights: LongBytes) => {
    calls++;
    const points = inOnePiece(given);
    const scalars = widen(inOnePiece(weights), points.length / size);
    return sumPoints({ group, points, scalars }, { onProgress });
  };
  G1.multiExpAffine = sumWith(1, G1_BYTES);
  G2.multiExpAffine = sumWith(2, G2_BYTES);
  return {
    kernel: lent,
    checkUsed() {
      if (calls === 0) throw new InternalError(`snarkjs made no use of the kernel ${name}.`);
    },
  };
}

/** ffjavascript cuts long arrays into pieces of 2^30 bytes; what snarkjs reads at a time is shorter. */
function inOnePiece(bytes: LongBytes): Uint8Array {
  const whole = bytes instanceof Uint8Array ? bytes : bytes.slice(0, bytes.byteLength);
  if (!(whole instanceof Uint8Array)) throw new InternalError(`${bytes.byteLength} bytes are too many for one call.`);
  return whole;
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

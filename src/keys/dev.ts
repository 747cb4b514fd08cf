import { availableParallelism } from 'node:os';
import { bn254 } from '@noble/curves/bn254.js';
import { randomScalar } from '../field/bn254.ts';
import { chooseKernel } from '../kernel/choose.ts';
import type { Kernel } from '../kernel/contract.ts';
import type { System } from '../r1cs/system.ts';
import type { VerifyingKey } from '../verify/types.ts';
import { loadCurveCode } from './curve-code.ts';
import { type BaseTask, POINT_BYTES } from './fixed-base.ts';
import { multiplyBases } from './multiply-bases.ts';
import { multiplyWithKernel } from './multiply-with-kernel.ts';
import { evaluateKey } from './qap.ts';
import { decodeZkeySummary } from './zkey.ts';
import { encodeZkey } from './zkey-encode.ts';

export interface DevelopmentKeyOptions {
  /** What multiplies the points; by default the fastest that works here. */
  readonly kernel?: Kernel | undefined;
  /** Threads, unless `kernel` has its own; by default as many as the machine runs at once, at most 8. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** From 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** A key of trust level `insecure-dev`. */
export interface DevelopmentKey {
  /** The chunks of the `.zkey` file, in order. */
  readonly zkey: readonly Uint8Array[];
  readonly verifyingKey: VerifyingKey;
}

/**
 * A Groth16 key for development, made by one party without a ceremony file: whoever runs this could forge
 * proofs. The secrets come from the operating system and exist only in this process's memory.
 */
export async function createDevelopmentKey(
  system: System,
  {
    threads = Math.min(8, availableParallelism()),
    kernel = chooseKernel({ threads }).kernel,
    signal,
    onProgress,
  }: DevelopmentKeyOptions = {},
): Promise<DevelopmentKey> {
  signal?.throwIfAborted();
  const secrets = {
    tau: randomScalar(),
    alpha: randomScalar(),
    beta: randomScalar(),
    gamma: randomScalar(),
    delta: randomScalar(),
  };
  const curve = await loadCurveCode();
  const scalars = await evaluateKey(curve.code, system, secrets);
  signal?.throwIfAborted();
  onProgress?.(SCALAR_SHARE);

  const g1 = concatenate([scalars.ic, scalars.h, scalars.c, scalars.a, scalars.b]);
  const tasks: BaseTask[] = [
    { group: 'g1', scalars: g1, points: sharedBytes(8 * g1.length) },
    { group: 'g2', scalars: scalars.b, points: sharedBytes(16 * scalars.b.length) },
  ];
  const report = (done: number, total: number) => onProgress?.(SCALAR_SHARE + (1 - SCALAR_SHARE) * (done / total));
  if (!(await multiplyWithKernel(kernel, tasks, { signal, onProgress: report }))) {
    await multiplyBases(curve, tasks, { threads, signal, onProgress: report });
  }

  const [{ points }, { points: b2 }] = tasks;
  let offset = 0;
  const take = (part: Uint32Array) => {
    const start = offset;
    offset += POINT_BYTES.g1 * (part.length / 8);
    return points.subarray(start, offset);
  };
  const { G1, G2 } = bn254;
  const zkey = encodeZkey(system, {
    alpha1: G1.Point.BASE.multiply(secrets.alpha).toAffine(),
    beta1: G1.Point.BASE.multiply(secrets.beta).toAffine(),
    delta1: G1.Point.BASE.multiply(secrets.delta).toAffine(),
    beta2: G2.Point.BASE.multiply(secrets.beta).toAffine(),
    gamma2: G2.Point.BASE.multiply(secrets.gamma).toAffine(),
    delta2: G2.Point.BASE.multiply(secrets.delta).toAffine(),
    ic: take(scalars.ic),
    h: take(scalars.h),
    c: take(scalars.c),
    a: take(scalars.a),
    b1: take(scalars.b),
    b2,
  });
  return { zkey: zkey.chunks, verifyingKey: decodeZkeySummary(zkey.header, zkey.ic).verifyingKey };
}

/** Part of the time that goes into scalars rather than points. */
const SCALAR_SHARE = 0.1;

function sharedBytes(size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size));
}

function concatenate(parts: readonly Uint32Array[]): Uint32Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint32Array(new SharedArrayBuffer(4 * length));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

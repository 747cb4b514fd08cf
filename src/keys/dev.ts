import { availableParallelism } from 'node:os';
import { bn254 } from '@noble/curves/bn254.js';
import { randomScalar } from '../field/bn254.ts';
import { chooseKernel } from '../kernel/choose.ts';
import type { Kernel } from '../kernel/contract.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import type { VerifyingKey } from '../verify/types.ts';
import { loadCurveCode } from './curve-code.ts';
import { type BaseScalars, POINT_BYTES } from './fixed-base.ts';
import { type EvaluateOptions, evaluateWithKernel } from './key-scalars.ts';
import { multiplyBases } from './multiply-bases.ts';
import { type KernelMultiplyOptions, multiplyWithKernel } from './multiply-with-kernel.ts';
import { evaluateKey as evaluatePortably, type KeyScalars, type ToxicWaste } from './qap.ts';
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
  const { evaluateKey, multiplyBase } = kernel;
  const work =
    evaluateKey === undefined || multiplyBase === undefined
      ? await onThreads(threads)
      : onKernel({ evaluateKey, multiplyBase });
  const scalars = await work.evaluate(system, secrets, {
    signal,
    onProgress: (fraction) => onProgress?.(SCALAR_SHARE * fraction),
  });
  onProgress?.(SCALAR_SHARE);
  const [combined, h, a, b1, b2] = await multiplyScalars(work, scalars, {
    signal,
    onProgress: (done, total) => onProgress?.(SCALAR_SHARE + (1 - SCALAR_SHARE) * (done / total)),
  });
  const split = POINT_BYTES.g1 * (publicCount(system) + 1);
  const { G1, G2 } = bn254;
  const zkey = encodeZkey(system, {
    alpha1: G1.Point.BASE.multiply(secrets.alpha).toAffine(),
    beta1: G1.Point.BASE.multiply(secrets.beta).toAffine(),
    delta1: G1.Point.BASE.multiply(secrets.delta).toAffine(),
    beta2: G2.Point.BASE.multiply(secrets.beta).toAffine(),
    gamma2: G2.Point.BASE.multiply(secrets.gamma).toAffine(),
    delta2: G2.Point.BASE.multiply(secrets.delta).toAffine(),
    ic: combined.subarray(0, split),
    h,
    c: combined.subarray(split),
    a,
    b1,
    b2,
  });
  return { zkey: zkey.chunks, verifyingKey: decodeZkeySummary(zkey.header, zkey.ic).verifyingKey };
}

/** The points of sections C (with those of public wires), H, A, B1 and B2. The scalars, which give secrets away, end as zeroes. */
async function multiplyScalars(
  work: SetupWork,
  { a, b, c, h }: KeyScalars,
  options: KernelMultiplyOptions,
): Promise<Uint8Array[]> {
  const parts = [c, h, a, b];
  const inputs: BaseScalars[] = parts.map((scalars) => ({ group: 'g1', scalars }));
  try {
    options.signal?.throwIfAborted();
    return await work.multiply([...inputs, { group: 'g2', scalars: b }], options);
  } finally {
    for (const part of parts) part.fill(0);
  }
}

/** Part of the time that goes into scalars rather than points. */
const SCALAR_SHARE = 0.1;

/** Who does the two long parts of a setup. */
interface SetupWork {
  evaluate(system: System, secrets: ToxicWaste, options: EvaluateOptions): Promise<KeyScalars>;
  multiply(inputs: readonly BaseScalars[], options: KernelMultiplyOptions): Promise<Uint8Array[]>;
}

function onKernel({ evaluateKey, multiplyBase }: Required<Pick<Kernel, 'evaluateKey' | 'multiplyBase'>>): SetupWork {
  return {
    evaluate: (system, secrets, options) => evaluateWithKernel(evaluateKey, system, secrets, options),
    multiply: (inputs, options) => multiplyWithKernel(multiplyBase, inputs, options),
  };
}

/** With ffjavascript: scalars on this thread, points on worker threads. */
async function onThreads(threads: number): Promise<SetupWork> {
  const curve = await loadCurveCode();
  return {
    evaluate: (system, secrets) => evaluatePortably(curve.code, system, secrets),
    async multiply(inputs, options) {
      const tasks = inputs.map((input) => ({
        ...input,
        points: sharedBytes((POINT_BYTES[input.group] / 32) * input.scalars.byteLength),
      }));
      await multiplyBases(curve, tasks, { threads, ...options });
      return tasks.map(({ points }) => points);
    },
  };
}

function sharedBytes(size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size));
}

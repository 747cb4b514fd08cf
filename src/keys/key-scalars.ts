import { invert } from '../field/bn254.ts';
import type { Kernel } from '../kernel/contract.ts';
import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { checkEvaluable, type KeyScalars, type ToxicWaste } from './qap.ts';

export interface EvaluateOptions {
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** What `evaluateKey` of qap.ts computes, by a kernel that can. */
export async function evaluateWithKernel(
  evaluateKey: NonNullable<Kernel['evaluateKey']>,
  system: System,
  secrets: ToxicWaste,
  options: EvaluateOptions = {},
): Promise<KeyScalars> {
  checkEvaluable(system, secrets);
  const { rows, wires, big, a, b, c } = system;
  const { tau, alpha, beta, gamma, delta } = secrets;
  const circuit = { rows, wires, publicSignals: publicCount(system), domainBits: domainBits(system), big };
  const scalars = await evaluateKey(
    { ...circuit, sides: [a, b, c], tau, alpha, beta, overGamma: invert(gamma), overDelta: invert(delta) },
    options,
  );
  return { a: toWords(scalars.a), b: toWords(scalars.b), c: toWords(scalars.c), h: toWords(scalars.h) };
}

function toWords({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

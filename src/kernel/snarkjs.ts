import { VouchError } from '../errors.ts';
import { isScalar, type Scalar } from '../field/bn254.ts';
import type { Fp2, G1Point } from '../verify/types.ts';
import { checkBlinding } from './check-blinding.ts';
import type { Kernel, ProveRequest, ProveResult } from './contract.ts';

/**
 * The portable kernel: snarkjs, loaded on first use. Its threads live until `close`.
 * Not for use inside worker threads, where ffjavascript cannot be loaded.
 */
export function createSnarkjsKernel(): Kernel {
  return { name: 'snarkjs-0.7.6', prove, close: terminateCurve };
}

/** snarkjs keeps its threads in a global; a process that used it exits only after this. */
export async function terminateCurve(): Promise<void> {
  const curve: unknown = Reflect.get(globalThis, 'curve_bn128');
  if (typeof curve !== 'object' || curve === null) return;
  const terminate: unknown = Reflect.get(curve, 'terminate');
  if (typeof terminate === 'function') await Reflect.apply(terminate, curve, []);
}

async function prove({ provingKey, witness }: ProveRequest): Promise<ProveResult> {
  const { groth16 } = await import('snarkjs');
  await checkBlinding(provingKey);
  try {
    const { proof, publicSignals } = await groth16.prove(provingKey, witness);
    return {
      proof: {
        a: toPoint(proof.pi_a),
        b: [toPair(proof.pi_b[0]), toPair(proof.pi_b[1])],
        c: toPoint(proof.pi_c),
      },
      publicSignals: publicSignals.map(toSignal),
    };
  } catch (cause) {
    throw new ProvingFailedError('snarkjs', cause);
  }
}

function toPoint([x, y]: readonly string[]): G1Point {
  return [BigInt(x), BigInt(y)];
}

function toPair([c0, c1]: readonly string[]): Fp2 {
  return [BigInt(c0), BigInt(c1)];
}

function toSignal(decimal: string): Scalar {
  const value = BigInt(decimal);
  if (!isScalar(value)) throw new RangeError(`snarkjs returned the public signal ${decimal}, which is not reduced`);
  return value;
}

/** The kernel could not make a proof: usually key and witness belong to different circuits. */
export class ProvingFailedError extends VouchError {
  override readonly name = 'Kernel.ProvingFailedError';

  constructor(kernel: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The ${kernel} kernel could not make a proof: ${reason}`, {
      metaMessages: ['Check that the proving key and the witness come from the same compiled model.'],
      cause,
    });
  }
}

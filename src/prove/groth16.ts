import { InternalError } from '../errors.ts';
import type { FieldVector } from '../field/vector.ts';
import type { Kernel, ProveRequest, ProveResult } from '../kernel/contract.ts';
import { verifyGroth16 } from '../verify/groth16.ts';
import type { VerifyingKey } from '../verify/types.ts';
import { encodeWtns } from '../witness/file.ts';

/** A proof that has been verified before it left this function. */
export interface ProvedWitness extends ProveResult {
  readonly kernel: string;
}

export interface ProveInput extends Pick<ProveRequest, 'signal' | 'onProgress'> {
  readonly kernel: Kernel;
  /** Path or bytes of the `.zkey`, or of a prepared key where the kernel takes them. */
  readonly provingKey: string | Uint8Array;
  readonly verifyingKey: VerifyingKey;
  readonly witness: FieldVector;
}

/**
 * Proves and verifies. The witness must satisfy the system: a kernel does not notice if it does not,
 * and the proof it makes then fails here, as does one hit by a memory or processor fault.
 */
export async function proveGroth16(input: ProveInput): Promise<ProvedWitness> {
  const { kernel, provingKey, verifyingKey, witness, signal, onProgress } = input;
  signal?.throwIfAborted();
  const result = await kernel.prove({ provingKey, witness: encodeWtns(witness), signal, onProgress });
  if (!verifyGroth16(verifyingKey, result.publicSignals, result.proof)) {
    throw new InternalError(
      `The proof made by ${kernel.name} does not verify: the witness breaks a constraint, or key and system differ.`,
    );
  }
  return { ...result, kernel: result.prepared === true ? `${kernel.name}, prepared key` : kernel.name };
}

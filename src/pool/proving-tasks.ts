import type { FieldVector } from '../field/vector.ts';
import { chooseKernel, type KernelOptions } from '../kernel/choose.ts';
import { proveWitness } from '../pipeline/prove.ts';
import { openKeys } from '../store/directory.ts';
import type { Manifest } from '../store/manifest.ts';
import type { ModelFile } from '../verify/model-file.ts';
import { encodeProofFile } from '../verify/proof-file.ts';
import type { Tasks } from './task-module.ts';

/** Where a process that proves finds its keys: in a model's directory, or where the caller says. */
export type KeySource =
  | { readonly path: string; readonly manifest: Manifest }
  | { readonly provingKey: string; readonly file: ModelFile };

/** What processes that prove are set up with. */
export interface ProvingSetup extends KernelOptions {
  readonly keys: KeySource;
}

export interface ProofInput {
  readonly witness: FieldVector;
  readonly binding: bigint;
}

/** Proofs from solved witnesses. The keys are opened and checked once; the model is not needed. */
export async function createTasks({ keys, ...options }: ProvingSetup): Promise<Tasks> {
  const { kernel } = chooseKernel(options);
  const { provingKey, file } = 'path' in keys ? await openKeys(keys, kernel) : keys;
  return {
    async prove({ witness, binding }: ProofInput): Promise<string> {
      return encodeProofFile(await proveWitness(file, witness, { kernel, provingKey, binding }));
    },
  };
}

import type { Kernel } from '../kernel/contract.ts';
import { contribute } from '../keys/ceremony/contribute.ts';
import { readPhaseTwoKey } from '../keys/ceremony/phase-two-key.ts';
import type { PtauOptions } from '../keys/ceremony/ptau.ts';
import { startCeremony } from '../keys/ceremony/start.ts';
import { createDevelopmentKey, type DevelopmentKeyOptions } from '../keys/dev.ts';
import type { Model } from '../model/model.ts';
import { writeR1cs } from '../r1cs/file.ts';
import { withTemporaryFolder } from '../temporary.ts';
import type { ModelFile } from '../verify/model-file.ts';
import { joinChunks, modelFile } from './pipeline.ts';
import { type SelfTest, selfTest } from './self-test.ts';

/** Keys of a model: the file that strangers verify with, and how the proving key was tried out. */
export interface TestedKeys {
  readonly file: ModelFile;
  readonly selfTest: SelfTest | { readonly status: 'skipped' };
}

/** Keys in memory: the proving key in chunks. */
export interface ModelKeys extends TestedKeys {
  readonly zkey: readonly Uint8Array[];
}

interface SelfTestChoice {
  /** Whether the new key must prove and verify a random input before it is returned. */
  readonly selfTest?: 'run' | 'skip';
  readonly kernel?: Kernel | undefined;
}

export interface SetupOptions extends DevelopmentKeyOptions, SelfTestChoice {}

/** Keys of trust level `insecure-dev`: whoever runs this can forge proofs for the model. */
export async function setup(model: Model, options: SetupOptions = {}): Promise<ModelKeys> {
  const { zkey, verifyingKey } = await createDevelopmentKey(model.circuit.system, options);
  const file = modelFile(model, verifyingKey, 'insecure-dev');
  return { zkey, file, selfTest: await tryOut(model, file, () => joinChunks(zkey), options) };
}

export interface PtauSetupOptions extends PtauOptions, SelfTestChoice {}

/**
 * Keys from Powers of Tau with one contribution, made here: the first round of a ceremony. Until others have added
 * theirs and the result is adopted, whoever ran this can forge proofs, so the trust level is `insecure-dev` too.
 * The proving key is a file that lives as long as `keep` runs.
 */
export function setupWithPtau<T>(
  model: Model,
  ptau: string,
  options: PtauSetupOptions,
  keep: (path: string, keys: TestedKeys) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder(async (folder) => {
    const [r1cs, initial, path] = ['circuit.r1cs', 'round0.zkey', 'round1.zkey'].map((name) => `${folder}/${name}`);
    await writeR1cs(r1cs, model.circuit.system);
    await startCeremony({ r1cs, ptau, output: initial }, options);
    await contribute({ input: initial, output: path }, 'vouch setup', options);
    const { verifyingKey } = await readPhaseTwoKey(path);
    const file = modelFile(model, verifyingKey, 'insecure-dev');
    return keep(path, { file, selfTest: await tryOut(model, file, () => path, options) });
  });
}

async function tryOut(
  model: Model,
  file: ModelFile,
  provingKey: () => string | Uint8Array,
  { selfTest: choice = 'run', kernel }: SelfTestChoice,
): Promise<TestedKeys['selfTest']> {
  if (choice === 'skip') return { status: 'skipped' };
  return selfTest(model, file, provingKey(), { kernel });
}

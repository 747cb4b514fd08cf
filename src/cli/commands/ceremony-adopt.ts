import { join } from 'node:path';
import type { Command } from 'commander';
import { VouchError } from '../../errors.ts';
import type { CeremonyOptions } from '../../keys/ceremony/options.ts';
import { encodeTranscript } from '../../keys/ceremony/transcript.ts';
import { verifyCeremony } from '../../keys/ceremony/verify.ts';
import { fileChunks } from '../../keys/file-chunks.ts';
import { modelFile } from '../../pipeline/pipeline.ts';
import { selfTest } from '../../pipeline/self-test.ts';
import { writeR1cs } from '../../r1cs/file.ts';
import { openModel, writeKeys } from '../../store/directory.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import type { Hex32 } from '../../verify/json.ts';
import {
  addKernelOption,
  type KernelArguments,
  PTAU,
  type PtauArguments,
  renderStepKernel,
  runStep,
  TRUST_PTAU,
  trustedDigest,
} from '../ceremony-step.ts';
import { addOutputOptions, exitCodes } from '../output.ts';
import type { Outcome } from '../run.ts';

interface AdoptArguments extends PtauArguments, KernelArguments {
  readonly model: string;
}

export function addAdopt(ceremony: Command): void {
  const command = ceremony
    .command('adopt')
    .description('verify a key against a compiled model, and give the model this key')
    .argument('<final.zkey>')
    .requiredOption('--model <dir>', 'a directory made by compile')
    .requiredOption(...PTAU)
    .option(...TRUST_PTAU);
  addOutputOptions(addKernelOption(command))
    .addHelpText(
      'after',
      '\nExample:\n  vouch ceremony adopt final.zkey --model model.vouch --ptau powersOfTau28_hez_final_17.ptau',
    )
    .action((key: string, options: AdoptArguments) =>
      runStep(options, (step) => withTemporaryFolder((folder) => adopt(key, options, folder, step))),
    );
}

async function adopt(key: string, options: AdoptArguments, folder: string, step: CeremonyOptions): Promise<Outcome> {
  const model = await openModel(options.model);
  const r1cs = join(folder, 'circuit.r1cs');
  await writeR1cs(r1cs, model.circuit.system);
  const verdict = await verifyCeremony(
    { key, r1cs, ptau: options.ptau },
    { ...step, kernelName: options.kernel, ...trustedDigest(options) },
  );
  if (!verdict.accepted) {
    const { reasons } = verdict;
    const text = `the key is not the outcome of a ceremony for this model:\n  ${reasons.join('\n  ')}`;
    return { value: { accepted: false, reasons }, text, exitCode: exitCodes.negative };
  }
  const { transcript, trust, verifyingKey, kernel } = verdict;
  if (transcript.circuit.sha256 !== model.digests.r1cs) {
    throw new OtherCircuitError(options.model, model.digests.r1cs, transcript.circuit.sha256);
  }
  const file = modelFile(model, verifyingKey, trust);
  step.onProgress?.('self-test');
  const tested = await selfTest(model, file, key);
  step.signal?.throwIfAborted();
  const manifest = await writeKeys(model, fileChunks(key), file, encodeTranscript(transcript));
  const secrets = transcript.contributions.filter(({ kind }) => kind === 'contribution').length;
  const caution = secrets > 1 ? '' : ': one contribution only, so whoever made it could forge proofs';
  return {
    value: { accepted: true, directory: options.model, ...manifest.keys, transcript, kernel, selfTest: tested },
    text: `model ${manifest.keys?.modelId}\ntrust ${trust}, ${secrets} contribution${secrets === 1 ? '' : 's'}${caution}\n${renderStepKernel(kernel)}`,
  };
}

/** This version makes another circuit of the model than the one that compiled it. */
class OtherCircuitError extends VouchError {
  override readonly name = 'OtherCircuitError';

  constructor(model: string, expected: Hex32, got: Hex32) {
    super(`${model} was compiled to another circuit.`, {
      metaMessages: [`expected sha256 ${expected}`, `got ${got}`, 'Compile it again and repeat the ceremony.'],
    });
  }
}

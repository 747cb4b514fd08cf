import type { Command } from 'commander';
import { chooseKernel } from '../../kernel/choose.ts';
import { fileChunks } from '../../keys/file-chunks.ts';
import { setup, setupWithPtau, type TestedKeys } from '../../pipeline/setup.ts';
import { openModel, writeKeys } from '../../store/directory.ts';
import type { Manifest } from '../../store/manifest.ts';
import { ArgumentError } from '../arguments.ts';
import { addBackendOptions, ezklOnly, refuseOptions, usesEzkl } from '../backend-options.ts';
import { cancellable } from '../cancel.ts';
import { TRUST_PTAU, trustedDigest } from '../ceremony-step.ts';
import { type EzklSetupArguments, groth16SetupOnly, setupWithEzkl } from '../ezkl/setup-ezkl.ts';
import { addOutputOptions, type OutputOptions, renderPassedOver } from '../output.ts';
import type { Progress } from '../progress.ts';
import { type Outcome, runCommand } from '../run.ts';

interface SetupArguments extends OutputOptions, EzklSetupArguments {
  readonly insecureDev?: boolean;
  readonly ptau?: string;
  readonly trustPtau?: string;
  readonly selfTest: boolean;
}

export function addSetup(program: Command): void {
  const command = program
    .command('setup')
    .description('make the keys of a compiled model; development keys unless --ptau is given')
    .argument('<dir>', 'a directory made by compile')
    .option('--insecure-dev', 'development keys: whoever makes them can forge proofs')
    .option('--ptau <file>', 'the first round of a ceremony, from Powers of Tau prepared for phase 2')
    .option(...TRUST_PTAU)
    .option('--no-self-test', 'keep the keys without proving and verifying once with them');
  addBackendOptions(command, { usual: 'refused unless it is the one that compiled the directory' })
    .option('--srs <file>', 'with ezkl: a structured reference string instead of one made for development')
    .option('--trust-srs <sha256>', 'with ezkl: vouch for a reference string that is not the public one');
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  vouch setup model.vouch --insecure-dev\n  vouch setup model.vouch --ptau powersOfTau28_hez_final_17.ptau',
    )
    .action((path: string, options: SetupArguments) =>
      runCommand(options, async (progress) => {
        if (await usesEzkl(path, options)) {
          refuseOptions(command, groth16SetupOnly, 'ezkl');
          if (options.srs !== undefined && options.insecureDev) throw twoSetups('--srs', options.srs);
          return setupWithEzkl(path, options, progress);
        }
        refuseOptions(command, [...ezklOnly, 'timeout'], 'groth16');
        return run(path, options, progress);
      }),
    );
}

const twoSetups = (option: string, file: string): ArgumentError =>
  new ArgumentError(option, file, 'no --insecure-dev beside it: both choose what keys to make');

async function run(path: string, options: SetupArguments, progress: Progress): Promise<Outcome> {
  const { ptau, insecureDev } = options;
  if (ptau !== undefined && insecureDev) {
    throw twoSetups('--ptau', ptau);
  }
  if (ptau === undefined && !insecureDev) warn('neither --ptau nor --insecure-dev was given: making development keys.');
  if (!options.selfTest) warn('the self-test is skipped: nobody has proved anything with these keys.');
  const choice = options.selfTest ? 'run' : 'skip';
  const started = performance.now();
  progress.stage('open');
  const model = await openModel(path);
  if (ptau === undefined) {
    const keys = await setup(model, {
      selfTest: choice,
      onProgress: (fraction) =>
        fraction < 1 ? progress.stage('setup', `${Math.round(100 * fraction)} %`) : progress.stage('self-test'),
    });
    progress.stage('write');
    const manifest = await writeKeys(model, keys.zkey, keys.file);
    return outcome(path, manifest, keys, started, 'whoever ran this can forge proofs; use it for development only');
  }
  return cancellable((signal) =>
    setupWithPtau(
      model,
      ptau,
      {
        ...trustedDigest(options),
        signal,
        selfTest: choice,
        onProgress: (stage, detail) => progress.stage(stage, detail),
      },
      async (key, keys) => {
        progress.stage('write');
        const manifest = await writeKeys(model, fileChunks(key), keys.file);
        const advice = `the only contribution is this machine's, so whoever ran this can forge proofs
Let others add theirs, then adopt the last round (docs/ceremony.md):
  vouch ceremony contribute ${path}/proving.zkey -o round2.zkey --name <who>`;
        return outcome(path, manifest, keys, started, advice);
      },
    ),
  );
}

function outcome(
  directory: string,
  { keys }: Manifest,
  { selfTest }: TestedKeys,
  started: number,
  advice: string,
): Outcome {
  const { passedOver } = chooseKernel();
  const elapsedMs = Math.round(performance.now() - started);
  const tested =
    selfTest.status === 'passed'
      ? `self-test passed: a proof by ${selfTest.kernel} in ${(selfTest.elapsedMs / 1000).toFixed(1)} s verified`
      : 'self-test SKIPPED';
  return {
    value: { directory, ...keys, selfTest, passedOver, elapsedMs },
    text: [`model ${keys?.modelId}`, tested, ...renderPassedOver(passedOver), `trust ${keys?.trust}: ${advice}`].join(
      '\n',
    ),
  };
}

function warn(text: string): void {
  process.stderr.write(`warning: ${text}\n`);
}

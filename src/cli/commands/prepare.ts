import type { Command } from 'commander';
import { chooseKernel } from '../../kernel/choose.ts';
import { prepareModel } from '../../pipeline/prepare.ts';
import { openModel, removePrepared } from '../../store/directory.ts';
import { cancellable } from '../cancel.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import type { Progress } from '../progress.ts';
import { type Outcome, runCommand } from '../run.ts';

interface PrepareArguments extends OutputOptions {
  readonly remove?: boolean;
}

export function addPrepare(program: Command): void {
  const command = program
    .command('prepare')
    .description("lay a model's proving key out for the native kernel: the same proofs, sooner")
    .argument('<dir>', 'a directory with keys')
    .option('--remove', 'remove the prepared key and prove from the proving key again');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch prepare model.vouch')
    .action((path: string, options: PrepareArguments) =>
      runCommand(options, (progress) => (options.remove === true ? remove(path) : run(path, progress))),
    );
}

async function run(directory: string, progress: Progress): Promise<Outcome> {
  const started = performance.now();
  progress.stage('open');
  const model = await openModel(directory);
  const { kernel } = chooseKernel({ kernel: 'native' });
  const { path, bytes, keyBytes, selfTest } = await cancellable((signal) =>
    prepareModel(model, {
      kernel,
      signal,
      onProgress: (stage, fraction) =>
        progress.stage(stage, stage === 'points' ? `${Math.round(100 * fraction)} %` : ''),
    }),
  ).finally(() => kernel.close());
  const elapsedMs = Math.round(performance.now() - started);
  return {
    value: { directory, prepared: path, bytes, keyBytes, kernel: kernel.name, selfTest, elapsedMs },
    text: [
      `wrote ${path}, ${megabytes(bytes)} beside a key of ${megabytes(keyBytes)}, in ${(elapsedMs / 1000).toFixed(1)} s`,
      `self-test passed: a proof by ${selfTest.kernel} with it in ${(selfTest.elapsedMs / 1000).toFixed(1)} s verified`,
      'The native kernel proves with it from now on. Delete nothing: setup and audit want the proving key itself.',
    ].join('\n'),
  };
}

async function remove(directory: string): Promise<Outcome> {
  await removePrepared(await openModel(directory));
  return { value: { directory, removed: true }, text: 'The prepared key is gone; proofs use the proving key itself.' };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

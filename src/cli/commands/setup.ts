import type { Command } from 'commander';
import { VouchError } from '../../errors.ts';
import { setup } from '../../pipeline.ts';
import { openModel, writeKeys } from '../../store/directory.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';

export function addSetup(program: Command): void {
  const command = program
    .command('setup')
    .description('make the keys of a compiled model')
    .argument('<dir>', 'a directory made by compile')
    .option('--insecure-dev', 'development keys: whoever makes them can forge proofs');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch setup model.vouch --insecure-dev')
    .action((path: string, options: OutputOptions & { readonly insecureDev?: boolean }) =>
      runCommand(options, async (progress) => {
        if (options.insecureDev !== true) throw new SetupChoiceError();
        progress.stage('open');
        const model = await openModel(path);
        const keys = await setup(model, {
          onProgress: (fraction) => progress.stage('setup', `${Math.round(100 * fraction)} %`),
        });
        progress.stage('write');
        const manifest = await writeKeys(model, keys.zkey, keys.file);
        return {
          value: { directory: path, ...manifest.keys },
          text: `model ${manifest.keys?.modelId}\ntrust ${manifest.keys?.trust}: whoever ran this can forge proofs; use it for development only`,
        };
      }),
    );
}

class SetupChoiceError extends VouchError {
  override readonly name = 'SetupChoiceError';
  constructor() {
    super('setup must be told what keys to make', {
      metaMessages: [
        '--insecure-dev makes development keys on this machine.',
        'Keys for production come from a ceremony: see vouch ceremony --help and docs/ceremony.md.',
      ],
    });
  }
}

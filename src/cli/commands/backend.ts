import { Argument, type Command } from 'commander';
import { type Diagnosis, diagnose } from '../../backend/ezkl/doctor.ts';
import { installEzkl } from '../../backend/ezkl/install.ts';
import { cancellable } from '../cancel.ts';
import { addOutputOptions, exitCodes, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';
import { renderTable } from '../table.ts';

export function addBackend(program: Command): void {
  const command = program.command('backend').description('provers other than Groth16, which needs none of this');
  const install = command
    .command('install')
    .description('fetch a backend into the cache of this user')
    .addArgument(new Argument('<name>', 'which one').choices(['ezkl']))
    .option('--force', 'fetch it again where it is there already');
  addOutputOptions(install)
    .addHelpText('after', '\nExample:\n  vouch backend install ezkl')
    .action((_name: string, options: OutputOptions & { readonly force?: boolean }) =>
      runCommand(options, (progress) =>
        cancellable(async (signal) => {
          const onProgress = (stage: string) => progress.stage(stage);
          const installed = await installEzkl({ force: options.force, signal, onProgress });
          const { folder, version, status } = installed;
          return { value: installed, text: `EZKL ${version} ${status}: ${folder}` };
        }),
      ),
    );
  const doctor = command.command('doctor').description('what of EZKL is on this machine, and how to get the rest');
  addOutputOptions(doctor)
    .addHelpText('after', '\nExample:\n  vouch backend doctor')
    .action((options: OutputOptions) =>
      runCommand(options, async (progress) => {
        progress.stage('look');
        const found = await diagnose();
        const exitCode = found.used === undefined ? exitCodes.negative : exitCodes.success;
        return { value: found, text: render(found), exitCode };
      }),
    );
}

function render({ required, used, findings }: Diagnosis): string {
  const rows = findings.map(({ part, status, version, place, use }) => [part, status, version ?? '', use, place ?? '']);
  const advice = findings.flatMap(({ part, advice }) => (advice === undefined ? [] : [`${part}: ${advice}`]));
  return [
    used === undefined ? `EZKL ${required} cannot be used here` : `EZKL ${required} is used by its ${used}`,
    '',
    renderTable(['part', 'status', 'version', 'what for', 'where'], rows),
    ...(advice.length === 0 ? [] : ['', ...advice]),
  ].join('\n');
}

import type { Command } from 'commander';
import { inspect } from '../../inspect/inspect.ts';
import { addInspectOptions, type InspectArguments, toInspectOptions } from '../inspect-options.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { renderInspection } from '../render-inspection.ts';
import { runCommand } from '../run.ts';

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('what is in a model, can it be proved, at what precision and cost')
    .argument('<model>', 'an ONNX file');
  addOutputOptions(addInspectOptions(command))
    .addHelpText(
      'after',
      '\nExample:\n  vouch inspect models/mnist-mlp/model.onnx --calibrate models/mnist-mlp/calibration.npz',
    )
    .action((path: string, options: InspectArguments & OutputOptions) =>
      runCommand(options, async (progress) => {
        const { report } = await inspect(path, toInspectOptions(options, progress));
        return { value: report, text: renderInspection(report) };
      }),
    );
}

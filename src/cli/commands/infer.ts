import type { Command } from 'commander';
import { infer } from '../../pipeline.ts';
import { readSamples } from '../../samples.ts';
import { openModel } from '../../store/directory.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';
import { formatNumber, renderTable } from '../table.ts';

export function addInfer(program: Command): void {
  const command = program
    .command('infer')
    .description('compute a compiled model on samples, exactly as it is proved')
    .argument('<dir>', 'a directory made by compile')
    .requiredOption('-i, --input <data>', 'samples: .json, .jsonl, .npy, .npz or .csv')
    .option('-o, --output <file>', 'write the outputs as JSON');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch infer model.vouch -i input.json')
    .action((path: string, options: OutputOptions & { readonly input: string; readonly output?: string }) =>
      runCommand(options, async (progress) => {
        progress.stage('open');
        const model = await openModel(path);
        const samples = await readSamples(model, options.input);
        progress.stage('infer');
        const results = samples.map((sample) =>
          Object.fromEntries([...infer(model, sample).outputs].map(([n, v]) => [n, [...v]])),
        );
        if (options.output !== undefined) {
          await writeFileAtomically(options.output, [new TextEncoder().encode(`${JSON.stringify(results)}\n`)]);
        }
        const rows = results.flatMap((result, i) =>
          Object.entries(result).map(([name, values]) => [i, name, preview(values)]),
        );
        return { value: results, text: renderTable(['sample', 'output', 'proved value'], rows) };
      }),
    );
}

function preview(values: readonly number[]): string {
  const shown = values.slice(0, 10).map(formatNumber).join(' ');
  return values.length > 10 ? `${shown} … ${values.length}` : shown;
}

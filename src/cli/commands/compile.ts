import type { Command } from 'commander';
import { compile } from '../../pipeline/pipeline.ts';
import { writeModel } from '../../store/directory.ts';
import { addInspectOptions, type InspectArguments, toInspectOptions } from '../inspect-options.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { renderInspection } from '../render-inspection.ts';
import { runCommand } from '../run.ts';
import { formatNumber } from '../table.ts';

export function addCompile(program: Command): void {
  const command = program
    .command('compile')
    .description('turn an ONNX model into a circuit')
    .argument('<model>', 'an ONNX file')
    .requiredOption('-o, --out <dir>', 'the directory to write, e.g. model.vouch');
  addOutputOptions(addInspectOptions(command))
    .addHelpText('after', '\nExample:\n  vouch compile model.onnx --calibrate samples.npz -o model.vouch')
    .action((path: string, options: InspectArguments & OutputOptions & { readonly out: string }) =>
      runCommand(options, async (progress) => {
        const model = await compile(path, toInspectOptions(options, progress));
        progress.stage('write');
        const manifest = await writeModel(options.out, model, model.report);
        const { rows, wires } = model.circuit.system;
        const value = {
          directory: options.out,
          constraints: rows,
          wires,
          r1cs: manifest.r1cs,
          report: model.report,
        };
        const privates = model.layout.inputs.filter(({ visibility }) => visibility === 'private');
        const text = [
          `${renderInspection(model.report)}\n`,
          `wrote ${options.out}: ${formatNumber(rows)} constraints, ${formatNumber(wires)} wires`,
          ...privates.map(
            ({ name }) => `input "${name}" is private: a proof shows that some ${name} exists, not which`,
          ),
        ].join('\n');
        return { value, text };
      }),
    );
}

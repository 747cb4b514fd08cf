import { type Command, Option } from 'commander';
import { networkForms } from '../../backend/ezkl/manifest.ts';
import { calibrationTargets } from '../../backend/ezkl/tool.ts';
import { compile } from '../../pipeline/pipeline.ts';
import { writeModel } from '../../store/directory.ts';
import { addBackendOptions, ezklOnly, refuseOptions } from '../backend-options.ts';
import { compileWithEzkl, type EzklCompileArguments, groth16Only } from '../ezkl/compile-ezkl.ts';
import { addInspectOptions, type InspectArguments, toInspectOptions } from '../inspect-options.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { renderInspection } from '../render-inspection.ts';
import { runCommand } from '../run.ts';
import { formatNumber } from '../table.ts';

interface CompileArguments extends InspectArguments, EzklCompileArguments, OutputOptions {
  readonly out: string;
}

export function addCompile(program: Command): void {
  const command = program
    .command('compile')
    .description('turn an ONNX model into a circuit')
    .argument('<model>', 'an ONNX file')
    .requiredOption('-o, --out <dir>', 'the directory to write, e.g. model.vouch');
  addBackendOptions(addInspectOptions(command), { usual: 'which prover it is for (default: groth16)' })
    .addOption(new Option('--target <goal>', 'with ezkl: what calibration favours').choices(calibrationTargets))
    .addOption(new Option('--network <form>', "with ezkl: the file's own or a rewritten one").choices(networkForms))
    .option('--max-logrows <n>', 'with ezkl: at most 2^n rows');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch compile model.onnx --calibrate samples.npz -o model.vouch')
    .action((path: string, options: CompileArguments) =>
      runCommand(options, async (progress) => {
        if (options.backend === 'ezkl') {
          refuseOptions(command, groth16Only, 'ezkl');
          return compileWithEzkl(path, options, progress);
        }
        refuseOptions(command, [...ezklOnly, 'timeout'], 'groth16');
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

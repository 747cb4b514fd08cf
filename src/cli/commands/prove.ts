import type { Command } from 'commander';
import { chooseKernel, KERNELS, type KernelName, parseKernelName } from '../../kernel/choose.ts';
import { infer, prove } from '../../pipeline.ts';
import { readSamples } from '../../samples.ts';
import { openKeys, openModel } from '../../store/directory.ts';
import { encodeOpeningFile } from '../../verify/opening.ts';
import { encodeProofFile } from '../../verify/proof-file.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { parseBinding } from '../arguments.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { renderDisplayed } from '../render-displayed.ts';
import { runCommand } from '../run.ts';

interface ProveArguments extends OutputOptions {
  readonly input: string;
  readonly output: string;
  readonly opening?: string;
  readonly kernel?: KernelName;
  readonly binding: string;
}

export function addProve(program: Command): void {
  const command = program
    .command('prove')
    .description('prove one inference')
    .argument('<dir>', 'a directory with keys')
    .requiredOption('-i, --input <data>', 'one sample: .json, .jsonl, .npy, .npz or .csv (the first is taken)')
    .requiredOption('-o, --output <file>', 'the proof file to write')
    .option('--opening <file>', 'where to keep what opens the commitments (default: the proof file with .opening.json)')
    .option('--binding <hex>', 'number that the proof is bound to', '0x0')
    .option('--kernel <name>', `${KERNELS.join(' or ')} (default: the fastest that works here)`, parseKernelName);
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch prove model.vouch -i input.json -o proof.json')
    .action((path: string, options: ProveArguments) =>
      runCommand(options, async (progress) => {
        const binding = parseBinding('--binding', options.binding);
        progress.stage('open');
        const model = await openModel(path);
        const { provingKey, file } = await openKeys(model);
        const [sample] = await readSamples(model, options.input);
        progress.stage('prove');
        const { kernel } = chooseKernel(options);
        const { proof, openings } = await prove(model, file, infer(model, sample), {
          kernel,
          provingKey,
          binding,
        }).finally(() => kernel.close());
        const opening = options.opening ?? `${options.output.replace(/\.json$/, '')}.opening.json`;
        if (openings.length > 0) {
          const text = encodeOpeningFile({ modelId: proof.modelId, tensors: openings });
          await writeFileAtomically(opening, [new TextEncoder().encode(text)], { mode: 0o600 });
        }
        await writeFileAtomically(options.output, [new TextEncoder().encode(encodeProofFile(proof))]);
        const wrote = `wrote ${options.output} (kernel ${proof.kernel}, trust ${proof.trust})`;
        const kept = `wrote ${opening}: keep it, nobody can open the commitments without it; it holds the values`;
        return {
          value: {
            proof: options.output,
            ...(openings.length > 0 ? { opening } : {}),
            modelId: proof.modelId,
            trust: proof.trust,
            kernel: proof.kernel,
            outputs: proof.outputs,
            inputs: proof.inputs,
          },
          text: [
            ...[...proof.outputs, ...proof.inputs].map(renderDisplayed),
            wrote,
            ...(openings.length > 0 ? [kept] : []),
          ].join('\n'),
        };
      }),
    );
}

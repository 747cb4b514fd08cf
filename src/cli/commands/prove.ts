import type { Command } from 'commander';
import { SCALAR_MODULUS } from '../../field/bn254.ts';
import { createSnarkjsKernel } from '../../kernel/snarkjs.ts';
import { infer, prove } from '../../pipeline.ts';
import { readSamples } from '../../samples.ts';
import { openKeys, openModel } from '../../store/directory.ts';
import { encodeProofFile } from '../../verify/proof-file.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { ArgumentError } from '../arguments.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { renderDisplayed } from '../render-displayed.ts';
import { runCommand } from '../run.ts';

interface ProveArguments extends OutputOptions {
  readonly input: string;
  readonly output: string;
  readonly binding: string;
}

export function addProve(program: Command): void {
  const command = program
    .command('prove')
    .description('prove one inference')
    .argument('<dir>', 'a directory with keys')
    .requiredOption('-i, --input <data>', 'one sample: .json, .jsonl, .npy, .npz or .csv (the first is taken)')
    .requiredOption('-o, --output <file>', 'the proof file to write')
    .option('--binding <hex>', 'number that the proof is bound to', '0x0');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch prove model.vouch -i input.json -o proof.json')
    .action((path: string, options: ProveArguments) =>
      runCommand(options, async (progress) => {
        const binding = parseBinding(options.binding);
        progress.stage('open');
        const model = await openModel(path);
        const { provingKey, file } = await openKeys(model);
        const [sample] = await readSamples(model, options.input);
        progress.stage('prove');
        const kernel = createSnarkjsKernel();
        const { proof } = await prove(model, file, infer(model, sample), { kernel, provingKey, binding }).finally(() =>
          kernel.close(),
        );
        await writeFileAtomically(options.output, [new TextEncoder().encode(encodeProofFile(proof))]);
        const outputs = proof.outputs.map(renderDisplayed);
        return {
          value: {
            proof: options.output,
            modelId: proof.modelId,
            trust: proof.trust,
            kernel: proof.kernel,
            outputs: proof.outputs,
          },
          text: [...outputs, `wrote ${options.output} (kernel ${proof.kernel}, trust ${proof.trust})`].join('\n'),
        };
      }),
    );
}

function parseBinding(text: string): bigint {
  const value = /^0x[0-9a-fA-F]{1,64}$/.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value >= SCALAR_MODULUS)
    throw new ArgumentError('--binding', text, 'a hexadecimal number below the field modulus');
  return value;
}

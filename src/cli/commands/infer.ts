import type { Command } from 'commander';
import { addBackendOptions, type BackendArguments, ezklOnly, refuseOptions, usesEzkl } from '../backend-options.ts';
import { inferWithEzkl } from '../ezkl/infer-ezkl.ts';
import { type InferArguments, inferBatch } from '../infer-batch.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { addPoolOptions } from '../pool-options.ts';
import { runCommand } from '../run.ts';

export function addInfer(program: Command): void {
  const command = program
    .command('infer')
    .description('compute a compiled model on samples, exactly as it is proved, and beside it the float model')
    .argument('<dir>', 'a directory made by compile')
    .requiredOption('-i, --input <data>', 'samples: .json, .jsonl, .npy, .npz or .csv')
    .option('-o, --output <file>', 'write the results, one line of JSON each (.jsonl) or as one array (.json)')
    .option('--onnx <file>', 'the compiled ONNX file (default: where it was at compile time)');
  addBackendOptions(addPoolOptions(command), { usual: 'refused unless it is the one that compiled the directory' });
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch infer model.vouch -i inputs.npz -o outputs.jsonl')
    .action((path: string, options: InferArguments & BackendArguments & OutputOptions) =>
      runCommand(options, async (progress) => {
        if (await usesEzkl(path, options)) {
          refuseOptions(command, ['workers'], 'ezkl');
          return inferWithEzkl(path, options, progress);
        }
        refuseOptions(command, ezklOnly, 'groth16');
        return inferBatch(path, options, progress);
      }),
    );
}

import { type Command, Option } from 'commander';
import { chooseKernel, KERNELS } from '../../kernel/choose.ts';
import { infer, prove } from '../../pipeline/prove.ts';
import { readSamples } from '../../pipeline/samples.ts';
import { openKeys, openModel } from '../../store/directory.ts';
import { modelIdOf } from '../../verify/model-core.ts';
import type { ModelFile } from '../../verify/model-file.ts';
import { decodeOpeningFile, encodeOpeningFile, type Opening } from '../../verify/opening.ts';
import { encodeProofFile } from '../../verify/proof-file.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { ArgumentError, parseBinding } from '../arguments.ts';
import { addBackendOptions, type BackendArguments, ezklOnly, refuseOptions, usesEzkl } from '../backend-options.ts';
import { groth16ProveOnly, proveWithEzkl } from '../ezkl/prove-ezkl.ts';
import { addOutputOptions, type OutputOptions, renderPassedOver } from '../output.ts';
import { addPoolOptions } from '../pool-options.ts';
import { type ProveBatchArguments, proveFile } from '../prove-batch.ts';
import { readText } from '../read-text.ts';
import { renderDisplayed } from '../render-displayed.ts';
import { runCommand } from '../run.ts';

interface ProveArguments extends OutputOptions, BackendArguments, Omit<ProveBatchArguments, 'batch'> {
  readonly input?: string;
  readonly batch?: string;
  readonly opening?: string;
  readonly committed?: string;
}

const USUAL = 'refused unless it is the one that compiled the directory';

export function addProve(program: Command): void {
  const command = program
    .command('prove')
    .description('prove one inference, or many')
    .argument('<dir>', 'a directory with keys')
    .option('-i, --input <data>', 'one sample: .json, .jsonl, .npy, .npz or .csv (the first is taken)')
    .option('--batch <data>', 'many samples instead, proved into a folder; run again, it continues')
    .requiredOption('-o, --output <path>', 'the proof file to write, or the folder of a batch')
    .option('--opening <file>', 'where to keep what opens the commitments (default: the proof file with .opening.json)')
    .option('--committed <file>', 'an opening made by commit: prove about what it commits to')
    .option('--binding <hex>', 'number that the proof is bound to', '0x0')
    .addOption(new Option('--kernel <name>', 'by default the fastest that works here').choices(KERNELS));
  addBackendOptions(addPoolOptions(command), { usual: USUAL });
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  vouch prove model.vouch -i input.json -o proof.json\n  vouch prove model.vouch --batch inputs.npz -o proofs --workers 2',
    )
    .action((path: string, options: ProveArguments) =>
      runCommand(options, async (progress) => {
        const { batch, input } = options;
        if (await usesEzkl(path, options)) {
          refuseOptions(command, groth16ProveOnly, 'ezkl');
          if (input === undefined) throw new ArgumentError('--input', '', 'a file with a sample');
          return await proveWithEzkl(path, { ...options, input }, progress);
        }
        refuseOptions(command, ezklOnly, 'groth16');
        if (batch !== undefined) {
          if (input !== undefined) throw new ArgumentError('--batch', batch, 'either --input or --batch');
          if (options.opening !== undefined) {
            throw new ArgumentError('--opening', options.opening, 'no file: openings lie beside the proofs of a batch');
          }
          if (options.committed !== undefined) {
            throw new ArgumentError('--committed', options.committed, 'one sample (--input): an opening is of one');
          }
          return await proveFile(path, { ...options, batch }, progress);
        }
        if (input === undefined) throw new ArgumentError('--input', '', 'a file with a sample, or --batch');
        const binding = parseBinding('--binding', options.binding);
        progress.stage('open');
        const model = await openModel(path);
        const { kernel, passedOver } = chooseKernel(options);
        const { provingKey, file } = await openKeys(model, kernel);
        const [sample] = await readSamples(model, input);
        const committed = options.committed === undefined ? [] : await readCommitted(options.committed, file);
        progress.stage('prove');
        const { proof, openings } = await prove(model, file, infer(model, sample), {
          kernel,
          provingKey,
          binding,
          openings: committed,
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
            passedOver,
            outputs: proof.outputs,
            inputs: proof.inputs,
          },
          text: [
            ...[...proof.outputs, ...proof.inputs].map(renderDisplayed),
            wrote,
            ...renderPassedOver(passedOver),
            ...(openings.length > 0 ? [kept] : []),
          ].join('\n'),
        };
      }),
    );
}

/** Of this very model: another one packs the same numbers otherwise. */
async function readCommitted(path: string, { core }: ModelFile): Promise<readonly Opening[]> {
  const { modelId, tensors } = decodeOpeningFile(await readText(path));
  if (modelId === modelIdOf(core)) return tensors;
  throw new ArgumentError('--committed', path, `an opening made for model ${modelIdOf(core)}, not ${modelId}`);
}

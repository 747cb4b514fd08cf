import type { Command } from 'commander';
import { readData } from '../../data/read.ts';
import { toSamples } from '../../inspect/samples.ts';
import { commitInputs, NothingHashedError } from '../../verify/commit-inputs.ts';
import { decodeModelFile } from '../../verify/model-file.ts';
import { encodeOpeningFile } from '../../verify/opening.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { verificationFile } from '../model-path.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { readText } from '../read-text.ts';
import { runCommand } from '../run.ts';

interface CommitArguments extends OutputOptions {
  readonly input: string;
  readonly output: string;
}

export function addCommit(program: Command): void {
  const command = program
    .command('commit')
    .description('commit to the hashed inputs of a model, before anything is proved about them')
    .argument('<model>', "the model's directory or its verification.json")
    .requiredOption('-i, --input <data>', 'one sample: .json, .jsonl, .npy, .npz or .csv (the first is taken)')
    .requiredOption('-o, --output <file>', 'where to keep what opens the commitments');
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  vouch commit model.vouch -i applicant.json -o applicant.opening.json\n  vouch prove model.vouch -i applicant.json --committed applicant.opening.json -o proof.json',
    )
    .action((path: string, options: CommitArguments) =>
      runCommand(options, async () => {
        const file = decodeModelFile(await readText(await verificationFile(path)));
        const hashed = file.layout.inputs.filter(({ visibility }) => visibility === 'hashed');
        if (hashed.length === 0) throw new NothingHashedError(file.layout.inputs.map(({ name }) => name));
        const [sample] = toSamples(await readData(options.input, hashed));
        const opening = commitInputs(file, sample);
        const text = encodeOpeningFile(opening);
        await writeFileAtomically(options.output, [new TextEncoder().encode(text)], { mode: 0o600 });
        const commitments = opening.tensors.map(({ name, commitment }) => ({ name, commitment: String(commitment) }));
        return {
          value: { opening: options.output, modelId: opening.modelId, commitments },
          text: [
            ...commitments.map(({ name, commitment }) => `${name}: ${commitment}`),
            `wrote ${options.output}: keep it secret, it holds the values and the salt`,
          ].join('\n'),
        };
      }),
    );
}

import type { Command } from 'commander';
import { readData } from '../../data/read.ts';
import { toSamples } from '../../inspect/samples.ts';
import type { Sample } from '../../quant/sample.ts';
import { checkProof, toHex32 } from '../../verify/check-proof.ts';
import { type Hex32, isHex32 } from '../../verify/json.ts';
import { decodeModelFile, type ModelFile } from '../../verify/model-file.ts';
import { decodeOpeningFile } from '../../verify/opening.ts';
import { type DisplayedInput, decodeProofFile } from '../../verify/proof-file.ts';
import { ArgumentError, parseBinding } from '../arguments.ts';
import { addBackendOptions, type BackendArguments, ezklOnly, refuseOptions, usesEzkl } from '../backend-options.ts';
import { groth16VerifyOnly, verifyWithEzkl } from '../ezkl/verify-ezkl.ts';
import { verificationFile } from '../model-path.ts';
import { addOutputOptions, exitCodes, type OutputOptions } from '../output.ts';
import { readText } from '../read-text.ts';
import { renderDisplayed, renderValues } from '../render-displayed.ts';
import { runCommand } from '../run.ts';

interface VerifyArguments extends OutputOptions, BackendArguments {
  readonly key: string;
  readonly expectModel?: string;
  readonly expectBinding?: string;
  readonly expectInput?: string;
  readonly opening?: string;
  readonly engine?: boolean;
}

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('check a proof file: exit code 0 true, 1 false, 2 malformed')
    .argument('<proof>', 'a file written by prove')
    .requiredOption('-k, --key <path>', "the model's directory or its verification.json")
    .option('--expect-model <id>', 'the model it must be of')
    .option('--expect-binding <hex>', 'the number it must be bound to')
    .option('--expect-input <data>', 'what its public (or opened) inputs must be: .json, .jsonl, .npy, .npz or .csv')
    .option('--opening <file>', 'what opens its commitments, as prove wrote it')
    .option('--engine', 'with ezkl: by the npm package @ezkljs/engine, without native code');
  addBackendOptions(command, { usual: 'refused unless it is the one that compiled the model' });
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch verify proof.json -k model.vouch')
    .action((path: string, options: VerifyArguments) =>
      runCommand(options, async (progress) => {
        const expected = options.expectModel === undefined ? {} : { modelId: parseId(options.expectModel) };
        if (await usesEzkl(options.key, options)) {
          refuseOptions(command, groth16VerifyOnly, 'ezkl');
          return verifyWithEzkl(path, options, progress);
        }
        refuseOptions(command, [...ezklOnly, 'timeout'], 'groth16');
        const proof = decodeProofFile(await readText(path));
        const model = decodeModelFile(await readText(await verificationFile(options.key)));
        const verdict = checkProof(proof, model, {
          ...expected,
          ...(options.expectBinding === undefined
            ? {}
            : { binding: toHex32(parseBinding('--expect-binding', options.expectBinding)) }),
          ...(options.expectInput === undefined ? {} : { inputs: await readExpected(model, options.expectInput) }),
          ...(options.opening === undefined ? {} : { opening: decodeOpeningFile(await readText(options.opening)) }),
        });
        const { valid, reasons, modelId, trust, outputs, inputs, opened, unpinned } = verdict;
        const warning = trust === 'insecure-dev' ? ' (whoever made the keys can forge proofs)' : '';
        const text = [
          valid ? 'the proof holds' : `the proof does not hold: ${reasons.join('; ')}`,
          `model ${modelId}`,
          `trust ${trust}${warning}`,
          ...(valid ? [...outputs, ...inputs.filter(isShown)].map(renderDisplayed) : []),
          ...(valid ? opened.map((tensor) => `opened: ${renderValues(tensor)}`) : []),
          ...unpinned.map((item) => `not pinned: ${item}`),
        ].join('\n');
        const value = {
          valid,
          reasons,
          modelId,
          trust,
          outputs: valid ? outputs : [],
          inputs: valid ? inputs : [],
          opened: valid ? opened : [],
          unpinned,
        };
        return { value, text, exitCode: valid ? exitCodes.success : exitCodes.negative };
      }),
    );
}

/** Private inputs are told among what is not pinned. */
const isShown = ({ visibility }: DisplayedInput): boolean => visibility !== 'private';

/** The first sample of a data file, of the inputs about which a proof can say something. */
async function readExpected({ layout }: ModelFile, path: string): Promise<Sample> {
  const inputs = layout.inputs.filter(({ visibility }) => visibility !== 'private');
  if (inputs.length === 0) {
    throw new ArgumentError(
      '--expect-input',
      path,
      'a model with public or hashed inputs; all of this one are private',
    );
  }
  const [sample] = toSamples(await readData(path, inputs));
  return sample;
}

function parseId(text: string): Hex32 {
  if (!isHex32(text)) throw new ArgumentError('--expect-model', text, '0x and 64 lower-case hexadecimal digits');
  return text;
}

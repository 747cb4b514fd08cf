import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { decodeEzklProofFile, isEzklProofFile } from '../../backend/ezkl/proof-file.ts';
import { VouchError } from '../../errors.ts';
import { encodeVerifyCalldata } from '../../evm/calldata.ts';
import { encodeEzklCalldata } from '../../evm/ezkl/statement.ts';
import { decodeProofFile } from '../../verify/proof-file.ts';
import { writeFileAtomically } from '../../write-file.ts';
import { type Artefact, exportCircom, exportR1cs, exportSolidity } from '../export-model.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { type Outcome, runCommand } from '../run.ts';

interface ExportArguments extends OutputOptions {
  readonly r1cs?: boolean;
  readonly circom?: boolean;
  readonly solidity?: boolean;
  readonly calldata?: boolean;
  readonly output?: string;
  readonly input?: string;
  readonly force?: boolean;
}

const artefacts = ['r1cs', 'circom', 'solidity', 'calldata'] as const;

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('artefacts for other tools')
    .argument('<path>', 'a model directory, or a proof file for --calldata')
    .option('--r1cs', 'the constraint system as circom and snarkjs read it')
    .option('--circom', 'the model as one circom program, written independently of the constraint system')
    .option('--solidity', 'the verifier of a model with keys as one Solidity file')
    .option('--calldata', "calldata of the contract's verify")
    .option('-o, --output <file>', 'where to write it; all but --r1cs are printed otherwise')
    .addOption(new Option('-i, --input <data>', "with --circom: write the first sample's input.json instead"))
    .option('--force', 'with --circom: write programs that the circom compiler may not manage');
  addOutputOptions(command)
    .addHelpText('after', examples)
    .action((path: string, options: ExportArguments) =>
      runCommand(options, async (progress) => {
        const what = requestedArtefact(options);
        progress.stage('export');
        const { input, force = false } = options;
        switch (what) {
          case 'calldata':
            return deliver(await readCalldata(path), options);
          case 'solidity':
            return deliver(await exportSolidity(path), options);
          case 'circom':
            return deliver(await exportCircom(path, { force, ...(input === undefined ? {} : { input }) }), options);
          case 'r1cs':
            return await exportR1cs(path, outputOf(options));
        }
      }),
    );
}

const examples = `
Examples:
  vouch export model.vouch --r1cs -o circuit.r1cs
  vouch export model.vouch --circom -o model.circom
  vouch export model.vouch --circom -i sample.json -o input.json
  vouch export model.vouch --solidity -o verifier.sol
  vouch export proof.json --calldata`;

/** Exactly one artefact, and no option that belongs to another. */
function requestedArtefact(options: ExportArguments): (typeof artefacts)[number] {
  const [what, ...others] = artefacts.filter((name) => options[name] === true);
  const choices = 'one of --r1cs, --circom, --solidity and --calldata';
  if (what === undefined) throw new ExportError('export must be told what to write', `expected ${choices}`);
  if (others.length > 0) {
    throw new ExportError(`export got --${[what, ...others].join(' and --')}`, `expected ${choices}`);
  }
  const stray = (['input', 'force'] as const).find((name) => what !== 'circom' && options[name] !== undefined);
  if (stray !== undefined) throw new ExportError(`--${stray} got --${what}`, `--${stray} belongs to --circom`);
  return what;
}

function outputOf({ output }: ExportArguments): string {
  if (output !== undefined) return output;
  throw new ExportError('--r1cs needs a file to write', 'it is binary; add -o circuit.r1cs');
}

async function readCalldata(path: string): Promise<Artefact> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VouchError(`"${path}" cannot be read as a proof file`, {
      metaMessages: ['Make one with: vouch prove model.vouch -i input.json -o proof.json'],
      cause,
    });
  });
  if (isEzklProofFile(text)) {
    const { proof, instances } = decodeEzklProofFile(text);
    return { kind: 'calldata', text: encodeEzklCalldata({ proof, signals: instances }), facts: { backend: 'ezkl' } };
  }
  const { publicSignals, proof } = decodeProofFile(text);
  const calldata = encodeVerifyCalldata(publicSignals, proof);
  return { kind: 'calldata', text: calldata, facts: {} };
}

/** Writes the text where it was asked for, or prints it. */
async function deliver({ kind, text, facts }: Artefact, { output }: ExportArguments): Promise<Outcome> {
  if (output === undefined) return { value: { ...facts, [kind]: text }, text: text.trimEnd() };
  // An input holds the private tensors and the salts.
  const mode = kind === 'input' ? 0o600 : 0o644;
  await writeFileAtomically(output, [new TextEncoder().encode(`${text.trimEnd()}\n`)], { mode });
  return { value: { file: output, ...facts }, text: `wrote ${output}` };
}

/** Options that do not go together. */
export class ExportError extends VouchError {
  override readonly name = 'ExportError';

  constructor(message: string, expected: string) {
    super(message, { metaMessages: [expected] });
  }
}

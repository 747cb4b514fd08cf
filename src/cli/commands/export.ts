import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { VouchError } from '../../errors.ts';
import { encodeVerifyCalldata } from '../../evm/calldata.ts';
import { writeR1cs } from '../../r1cs/file.ts';
import { openModel } from '../../store/directory.ts';
import { decodeProofFile } from '../../verify/proof-file.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';

interface ExportArguments extends OutputOptions {
  readonly r1cs?: boolean;
  readonly calldata?: boolean;
  readonly output?: string;
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('artefacts for other tools')
    .argument('<path>', 'a model directory (--r1cs) or a proof file (--calldata)')
    .option('--r1cs', 'the constraint system as circom and snarkjs read it')
    .option('--calldata', "calldata of the contract's verify")
    .option('-o, --output <file>', 'where to write the .r1cs');
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  vouch export model.vouch --r1cs -o circuit.r1cs\n  vouch export proof.json --calldata',
    )
    .action((path: string, options: ExportArguments) =>
      runCommand(options, async (progress) => {
        if (options.calldata === true) {
          const { publicSignals, proof } = decodeProofFile(await readFile(path, 'utf8'));
          const calldata = encodeVerifyCalldata(publicSignals, proof);
          return { value: { calldata }, text: calldata };
        }
        if (options.r1cs !== true || options.output === undefined) {
          throw new VouchError('export must be told what to write', {
            metaMessages: ['--r1cs -o <file>, or --calldata'],
          });
        }
        progress.stage('export');
        const model = await openModel(path);
        await writeR1cs(options.output, model.circuit.system);
        return { value: { file: options.output, sha256: model.digests.r1cs }, text: `wrote ${options.output}` };
      }),
    );
}

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { deployHub, registerModel } from '../../evm/hub/publish.ts';
import { submit, type Target } from '../../evm/hub/submit.ts';
import { isHex32 } from '../../verify/json.ts';
import { decodeModelFile, type ModelFile } from '../../verify/model-file.ts';
import { decodeProofFile } from '../../verify/proof-file.ts';
import { ArgumentError } from '../arguments.ts';
import { cancellable } from '../cancel.ts';
import { addChainOptions, type ChainArguments, type ChainSession, REHEARSAL, withChain } from '../chain-session.ts';
import { confirmCost, renderCost } from '../confirm-cost.ts';
import { verificationFile } from '../model-path.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';

interface SubmitArguments extends OutputOptions, ChainArguments {
  readonly key: string;
  readonly hub?: string;
  readonly verifier?: string;
  readonly request?: string;
  readonly prover?: string;
}

export function addSubmit(program: Command): void {
  const command = program
    .command('submit')
    .description('send a proof to a chain; it is verified here first')
    .argument('<proof>', 'a file written by prove')
    .requiredOption('-k, --key <path>', "the model's directory or its verification.json")
    .option('--hub <address>', 'the InferenceHub that knows the model')
    .option('--request <id>', 'the request that the proof answers; without it the verifier only checks')
    .option('--prover <address>', 'whom the proof names (default: the account that pays)')
    .option('--verifier <address>', 'a verifier without a hub');
  addOutputOptions(addChainOptions(command))
    .addHelpText(
      'after',
      '\nExamples:\n  vouch submit proof.json -k model.vouch\n  vouch submit proof.json -k model.vouch --hub 0x… --request 0x… --rpc https://…',
    )
    .action((path: string, options: SubmitArguments) =>
      runCommand(options, (progress) =>
        cancellable(async (signal) => {
          const proof = decodeProofFile(await readFile(path, 'utf8'));
          const model = decodeModelFile(await readFile(await verificationFile(options.key), 'utf8'));
          return withChain(options, signal, async (session) => {
            const target = await targetOf(session, model, options);
            progress.stage('submit');
            const { receipt, cost } = await submit(
              session.sender,
              { proof, model, target },
              {
                signal,
                confirm: (estimate) => {
                  progress.done();
                  return confirmCost('submit the proof', estimate, options, session);
                },
              },
            );
            const { transactionHash, gasUsed, blockNumber } = receipt;
            const { embedded } = session;
            const what = target.kind === 'request' ? 'the request is fulfilled' : 'the contract accepted the proof';
            const lines = [what, `transaction ${transactionHash} in block ${blockNumber}`, `gas used ${gasUsed}`];
            return {
              value: { transaction: transactionHash, block: blockNumber, gasUsed, cost, embedded },
              text: [...lines, renderCost(cost), ...(embedded ? [REHEARSAL] : [])].join('\n'),
            };
          });
        }, 'Cancelled; a transaction that was sent may still be mined.'),
      ),
    );
}

async function targetOf(
  { embedded, sender }: ChainSession,
  model: ModelFile,
  { hub, verifier, request, prover }: SubmitArguments,
): Promise<Target> {
  if (embedded) {
    if (hub ?? verifier ?? request) throw new ArgumentError('--hub', '', 'a node to find it on: pass --rpc');
    const { address } = await deployHub(sender);
    await registerModel(sender, { hub: address, model });
    return { kind: 'hub', hub: address };
  }
  if (verifier !== undefined && hub === undefined && request === undefined) return { kind: 'verifier', verifier };
  if (hub === undefined || verifier !== undefined) {
    throw new ArgumentError('--hub', hub ?? '', 'either --hub <address> or --verifier <address>');
  }
  if (request === undefined) return { kind: 'hub', hub };
  if (!isHex32(request)) throw new ArgumentError('--request', request, '0x and 64 lower-case hexadecimal digits');
  return { kind: 'request', hub, id: request, ...(prover === undefined ? {} : { prover }) };
}

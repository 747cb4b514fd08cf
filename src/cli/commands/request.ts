import { join } from 'node:path';
import type { Command } from 'commander';
import { requestBinding } from '../../evm/binding.ts';
import { estimateCost } from '../../evm/hub/cost.ts';
import { asAddress, locate } from '../../evm/hub/hub.ts';
import { deployHub, registerModel } from '../../evm/hub/publish.ts';
import { type Answer, type RequestOptions, request, requestCall, waitForAnswer } from '../../evm/hub/request.ts';
import { SubmissionDeclinedError } from '../../evm/hub/submit.ts';
import { watch } from '../../evm/node/watch.ts';
import { requestInput } from '../../model/request-input.ts';
import { createProver } from '../../pipeline/prover.ts';
import { readSamples } from '../../pipeline/samples.ts';
import { openKeys, openModel } from '../../store/directory.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import { toHex32 } from '../../verify/check-proof.ts';
import { modelIdOf } from '../../verify/model-core.ts';
import type { ModelFile } from '../../verify/model-file.ts';
import { decodeSignals } from '../../verify/signals.ts';
import { ArgumentError } from '../arguments.ts';
import { cancellable } from '../cancel.ts';
import {
  addChainOptions,
  type ChainArguments,
  type ChainSession,
  optionalCount,
  parseAmount,
  REHEARSAL,
  withChain,
} from '../chain-session.ts';
import { confirmCost } from '../confirm-cost.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import type { Progress } from '../progress.ts';
import { renderDisplayed } from '../render-displayed.ts';
import { runCommand } from '../run.ts';

interface RequestArguments extends OutputOptions, ChainArguments {
  readonly input: string;
  readonly hub?: string;
  readonly consumer?: string;
  readonly callbackGas: string;
  readonly deadline: string;
  readonly fee: string;
  readonly prover?: string;
  readonly wait?: boolean;
}

export function addRequest(program: Command): void {
  const command = program
    .command('request')
    .description('ask a hub for a proved inference; without --rpc, a rehearsal that answers itself')
    .argument('<dir>', 'a directory with keys')
    .requiredOption('-i, --input <data>', 'one sample: .json, .jsonl, .npy, .npz or .csv (the first is taken)')
    .option('--hub <address>', 'the InferenceHub that knows the model')
    .option('--consumer <address>', 'the contract that is called with the output (default: the account that pays)')
    .option('--callback-gas <n>', "gas of the consumer's callback; 0 asks for none", '0')
    .option('--deadline <seconds>', 'time from now until which it can be fulfilled', '3600')
    .option('--fee <ether>', 'what the prover gets; held by the hub, and refundable after the deadline', '0')
    .option('--prover <address>', 'show the number that a proof of this prover must be bound to')
    .option('--wait', 'wait for the answer and show it');
  addOutputOptions(addChainOptions(command))
    .addHelpText(
      'after',
      '\nExamples:\n  vouch request model.vouch -i input.json\n  vouch request model.vouch -i input.json --hub 0x… --fee 0.001 --wait --rpc https://…',
    )
    .action((path: string, options: RequestArguments) =>
      runCommand(options, (progress) =>
        cancellable(
          (signal) => run(path, options, progress, signal),
          'Cancelled; a transaction that was sent may still be mined.',
        ),
      ),
    );
}

async function run(path: string, options: RequestArguments, progress: Progress, signal: AbortSignal) {
  progress.stage('open');
  const model = await openModel(path);
  const { file } = await openKeys(model);
  const [sample] = await readSamples(model, options.input);
  const input = requestInput(model, sample);
  progress.done();
  return withChain(options, signal, async (session) => {
    const { sender, embedded } = session;
    const hub = await hubOf(session, file, options);
    const callbackGas = optionalCount('--callback-gas', options.callbackGas, 0) ?? 0;
    const asked: RequestOptions = {
      ...{ hub, modelId: modelIdOf(file.core), input, callbackGas },
      ...(options.consumer === undefined ? {} : { consumer: asAddress(options.consumer) }),
      deadline: Math.floor(Date.now() / 1000) + (optionalCount('--deadline', options.deadline, 1) ?? 0),
      feeWei: parseAmount('--fee', options.fee, 'ether'),
    };
    progress.done();
    const cost = await estimateCost(sender.chain, sender.account.address, requestCall(sender.account.address, asked));
    if (!(await confirmCost('make the request', cost, options, session))) throw new SubmissionDeclinedError();
    progress.stage('request');
    const made = await request(sender, asked, { signal });
    const bindingOf = (prover: string): bigint => requestBinding(locate(sender.chain, hub), made.request, prover);
    if (embedded) await answerHere(path, hub, session, progress, signal);
    const waiting = embedded || options.wait === true;
    if (waiting) progress.stage('wait for the answer');
    const answer = waiting ? await waitFor(session, hub, made, signal) : undefined;
    const shown = answer && decodeSignals(file.layout, [...answer.output, bindingOf(answer.prover), ...input]);
    const { prover } = options;
    const binding = prover === undefined ? undefined : toHex32(bindingOf(asAddress(prover)));
    const { id, receipt } = made;
    return {
      value: {
        ...{
          request: id,
          hub,
          transaction: receipt.transactionHash,
          block: receipt.blockNumber,
          gasUsed: receipt.gasUsed,
        },
        ...{ deadline: asked.deadline, binding, answer, outputs: shown?.outputs, embedded },
      },
      text: [
        `request ${id}`,
        `transaction ${receipt.transactionHash} in block ${receipt.blockNumber}`,
        `fulfillable until ${new Date(1000 * asked.deadline).toISOString()}`,
        ...file.layout.inputs
          .filter(({ visibility }) => visibility === 'private')
          .map(({ name }) => `input "${name}" is private: whoever proves chooses it`),
        ...(binding === undefined ? [] : [`binding for ${prover}: ${binding}`]),
        ...(answer === undefined ? [] : [`answered by ${answer.prover} in ${answer.transactionHash}`]),
        ...(shown?.outputs ?? []).map(renderDisplayed),
        ...(embedded ? [REHEARSAL] : []),
      ].join('\n'),
    };
  });
}

async function hubOf({ embedded, sender }: ChainSession, model: ModelFile, { hub }: RequestArguments): Promise<string> {
  if (!embedded) {
    if (hub === undefined) throw new ArgumentError('--hub', '', 'the address of an InferenceHub on this chain');
    return asAddress(hub);
  }
  if (hub !== undefined) throw new ArgumentError('--hub', hub, 'a node to find it on: pass --rpc');
  const { address } = await deployHub(sender);
  await registerModel(sender, { hub: address, model });
  return address;
}

/** On a chain of its own the command is also the node that answers. */
async function answerHere(
  path: string,
  hub: string,
  { sender }: ChainSession,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress.stage('prove and fulfil');
  const prover = await createProver([path]);
  try {
    await withTemporaryFolder((folder) =>
      watch(sender, {
        ...{ hub, modelIds: [...prover.models.keys()], prove: prover.prove, statePath: join(folder, 'watch.json') },
        ...{ until: 'idle', signal, maxCallbackGas: 10_000_000n },
        onEvent: (event) => {
          if (event.kind === 'failed' && event.final) throw event.error;
        },
      }),
    );
  } finally {
    await prover.close();
  }
}

async function waitFor(
  { sender, embedded }: ChainSession,
  hub: string,
  { id, block }: { readonly id: `0x${string}`; readonly block: number },
  signal: AbortSignal,
): Promise<Answer> {
  return waitForAnswer(sender.chain, { hub, id, fromBlock: block }, { signal, pollMs: embedded ? 50 : 2_000 });
}

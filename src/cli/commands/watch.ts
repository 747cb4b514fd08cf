import { join } from 'node:path';
import type { Command } from 'commander';
import { LOCAL_CHAIN_ID } from '../../evm/anvil.ts';
import { deployHub, registerModel } from '../../evm/hub/publish.ts';
import type { NodeEvent } from '../../evm/node/events.ts';
import { watch } from '../../evm/node/watch.ts';
import { createProver, type ModelProver } from '../../pipeline/prover.ts';
import { withTemporaryFolder } from '../../temporary.ts';
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
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { addPoolOptions, type PoolArguments, toPoolOptions } from '../pool-options.ts';
import { renderEvent } from '../render-event.ts';
import { runCommand } from '../run.ts';

interface WatchArguments extends OutputOptions, ChainArguments, PoolArguments {
  readonly hub?: string;
  readonly state?: string;
  readonly fromBlock?: string;
  readonly once?: boolean;
  readonly until?: string;
  readonly minFee?: string;
  readonly maxCallbackGas: string;
  readonly minTime: string;
}

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description("answer a hub's requests: prove and fulfil them, until Ctrl-C")
    .argument('<dirs...>', 'directories with keys, of models whose inputs are public')
    .option('--hub <address>', 'the InferenceHub to follow (with a chain of its own: deployed there)')
    .option('--state <file>', 'where the progress is kept (default: one file for chain, hub and account, here)')
    .option('--from-block <n>', 'where a new state file begins', '0')
    .option('--once', 'end when no request is open')
    .option('--until <n>', 'end after n requests were settled')
    .option(
      '--min-fee <ether>',
      'leave requests that pay less beyond the gas of their callback (default on chain 31337: 0)',
    )
    .option('--max-callback-gas <n>', 'leave requests with larger callbacks to others', '1000000')
    .option('--min-time <seconds>', 'leave requests with less time to others', '0');
  addOutputOptions(addPoolOptions(addChainOptions(command)))
    .addHelpText(
      'after',
      '\nExamples:\n  vouch watch model.vouch\n  vouch watch model.vouch --hub 0x… --rpc https://… --keystore key.json --min-fee 0.0005',
    )
    .action((paths: readonly string[], options: WatchArguments) =>
      runCommand(options, (progress) =>
        cancellable(async (signal) => {
          progress.stage('open');
          const prover = await createProver(paths, toPoolOptions(options));
          progress.done();
          try {
            return await withChain(options, signal, (session) =>
              session.embedded && options.state === undefined
                ? withTemporaryFolder((folder) =>
                    serve(session, prover, { ...options, state: join(folder, 'watch.json') }, signal),
                  )
                : serve(session, prover, options, signal),
            );
          } finally {
            await prover.close();
          }
        }),
      ),
    );
}

async function serve(session: ChainSession, prover: ModelProver, options: WatchArguments, signal: AbortSignal) {
  const { sender, embedded } = session;
  const { chain, account } = sender;
  const say = (event: NodeEvent | string): void => {
    if (options.quiet === true) return;
    const line = typeof event === 'string' ? event : renderEvent(event);
    if (line !== undefined) process.stderr.write(`${new Date().toISOString()}  ${line}\n`);
  };
  const minFeeWei = minFeeOf(chain.chainId, options.minFee);
  const hub = await hubOf(session, prover, options);
  const statePath =
    options.state ?? `vouch-watch-${chain.chainId}-${hub.slice(2, 10)}-${account.address.slice(2, 10)}.json`;
  say(`node ${session.url}, chain ${chain.chainId}, hub ${hub}, prover ${account.address}, state ${statePath}`);
  for (const [id, { core }] of prover.models) say(`model ${id}, trust ${core.trust}`);
  const until = options.once === true ? 'idle' : optionalCount('--until', options.until, 1);
  const summary = await watch(sender, {
    ...{ hub, modelIds: [...prover.models.keys()], prove: prover.prove, accepts: prover.accepts },
    ...{ statePath, signal, onEvent: say },
    ...(until === undefined ? {} : { until }),
    fromBlock: optionalCount('--from-block', options.fromBlock, 0) ?? 0,
    minFeeWei,
    maxCallbackGas: BigInt(optionalCount('--max-callback-gas', options.maxCallbackGas, 0) ?? 0),
    minSecondsLeft: optionalCount('--min-time', options.minTime, 0) ?? 0,
  });
  const lines = Object.entries(summary).map(([how, count]) => `${how} ${count}`);
  return {
    value: { hub, statePath, ...summary, embedded },
    text: [lines.join(', '), ...(embedded ? [REHEARSAL] : [])].join('\n'),
  };
}

/** Where gas costs money, whoever runs a node says what a proof is worth to him. */
export function minFeeOf(chainId: number, text: string | undefined): bigint {
  if (text !== undefined) return parseAmount('--min-fee', text, 'ether');
  if (chainId === LOCAL_CHAIN_ID) return 0n;
  throw new ArgumentError('--min-fee', '', 'the least fee in ether, e.g. 0.0005 (0 answers for nothing)');
}

async function hubOf(
  { embedded, sender }: ChainSession,
  prover: ModelProver,
  { hub }: WatchArguments,
): Promise<string> {
  if (!embedded) {
    if (hub === undefined) throw new ArgumentError('--hub', '', 'the address of an InferenceHub on this chain');
    return hub.toLowerCase();
  }
  if (hub !== undefined) throw new ArgumentError('--hub', hub, 'a node to find it on: pass --rpc');
  const { address } = await deployHub(sender);
  for (const model of prover.models.values()) await registerModel(sender, { hub: address, model });
  return address;
}

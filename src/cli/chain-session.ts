import type { Command } from 'commander';
import { parseUnits } from 'ethers';
import { LOCAL_CHAIN_ID, startLocalChain } from '../evm/anvil.ts';
import { openChain } from '../evm/chain/chain.ts';
import { developmentAccount } from '../evm/sender/account.ts';
import { createSender, type Sender } from '../evm/sender/sender.ts';
import { ArgumentError } from './arguments.ts';
import { chooseAccount, RPC_VARIABLE, takeSecrets } from './secrets.ts';

/** The options of commands that talk to a chain. */
export interface ChainArguments {
  readonly rpc?: string;
  readonly keystore?: string;
  readonly devAccount?: string;
  readonly confirmations?: string;
  readonly maxFee?: string;
  readonly yes?: boolean;
}

/** A chain to work on. */
export interface ChainSession {
  readonly sender: Sender;
  /** The chain was started for this command and ends with it. */
  readonly embedded: boolean;
  readonly url: string;
}

export function addChainOptions(command: Command): Command {
  return command
    .option('--rpc <url>', `the node (default: ${RPC_VARIABLE}, or a local chain that ends with the command)`)
    .option('--keystore <file>', 'encrypted key of the account that pays (default: VOUCH_PRIVATE_KEY)')
    .option('--dev-account <n>', 'one of the public accounts 0 to 9 of a local development chain')
    .option('--confirmations <n>', 'blocks that a receipt must be deep (default: 3; 1 on a local chain)')
    .option('--max-fee <gwei>', 'never offer more for a unit of gas')
    .option('--yes', 'send without asking');
}

/** Runs work on the chain that the options name, or on one of its own that is gone afterwards. */
export async function withChain<T>(
  options: ChainArguments,
  signal: AbortSignal,
  work: (session: ChainSession) => Promise<T>,
): Promise<T> {
  const secrets = takeSecrets();
  const url = options.rpc ?? process.env[RPC_VARIABLE];
  const confirmations = optionalCount('--confirmations', options.confirmations, 1);
  const senderOptions = {
    ...(confirmations === undefined ? {} : { confirmations }),
    maxFeeWei: options.maxFee === undefined ? undefined : parseAmount('--max-fee', options.maxFee, 'gwei'),
  };
  const embedded = url === undefined ? await startLocalChain() : undefined;
  try {
    const chain = await openChain(embedded?.url ?? url ?? '', { signal });
    const devAccount = optionalCount('--dev-account', options.devAccount, 0);
    const account =
      embedded === undefined
        ? await chooseAccount({ keystore: options.keystore, devAccount }, secrets, chain.chainId)
        : developmentAccount(devAccount ?? 0, LOCAL_CHAIN_ID);
    const sender = createSender(chain, account, senderOptions);
    try {
      return await work({ sender, embedded: embedded !== undefined, url: embedded?.url ?? chain.origin });
    } finally {
      await sender.close();
    }
  } finally {
    await embedded?.stop();
  }
}

/** Said under the results of a command on a chain of its own. */
export const REHEARSAL = 'on a local chain of its own, which has ended: nothing of this remains (see --rpc)';

export function optionalCount(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new ArgumentError(option, text, `a whole number of at least ${least}`);
  }
  return value;
}

/** An amount in wei. */
export function parseAmount(option: string, text: string, unit: 'ether' | 'gwei'): bigint {
  if (!/^\d{1,12}(\.\d{1,18})?$/.test(text)) throw new ArgumentError(option, text, `an amount in ${unit}, e.g. 0.01`);
  try {
    return parseUnits(text, unit);
  } catch {
    throw new ArgumentError(option, text, `an amount of whole wei in ${unit}`);
  }
}

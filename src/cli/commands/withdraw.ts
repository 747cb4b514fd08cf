import type { Command } from 'commander';
import { formatEther } from 'ethers';
import type { Call } from '../../evm/chain/chain.ts';
import { estimateCost } from '../../evm/hub/cost.ts';
import { creditWei, refundCall, withdrawCall } from '../../evm/hub/credit.ts';
import { SubmissionDeclinedError } from '../../evm/hub/submit.ts';
import { isHex32 } from '../../verify/json.ts';
import { ArgumentError } from '../arguments.ts';
import { cancellable } from '../cancel.ts';
import { addChainOptions, type ChainArguments, type ChainSession, withChain } from '../chain-session.ts';
import { confirmCost } from '../confirm-cost.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { type Outcome, runCommand } from '../run.ts';

interface WithdrawArguments extends OutputOptions, ChainArguments {
  readonly hub: string;
  readonly refund?: string;
  readonly to?: string;
}

export function addWithdraw(program: Command): void {
  const command = program
    .command('withdraw')
    .description('take earned fees, or the fee of a request that nobody answered, out of a hub')
    .requiredOption('--hub <address>', 'the InferenceHub that holds them')
    .option('--refund <id>', 'first take back the fee of this expired request')
    .option('--to <address>', 'who gets the money (default: the account that pays)');
  addOutputOptions(addChainOptions(command))
    .addHelpText('after', '\nExample:\n  vouch withdraw --hub 0x… --rpc https://… --keystore key.json')
    .action((options: WithdrawArguments) =>
      runCommand(options, () =>
        cancellable(
          (signal) => withChain(options, signal, (session) => run(session, options, signal)),
          'Cancelled; a transaction that was sent may still be mined.',
        ),
      ),
    );
}

async function run(session: ChainSession, options: WithdrawArguments, signal: AbortSignal): Promise<Outcome> {
  const { sender, embedded } = session;
  const { hub, refund, to = sender.account.address } = options;
  if (embedded) throw new ArgumentError('--hub', hub, 'a node to find it on: pass --rpc');
  const send = async (what: string, call: Call): Promise<string> => {
    const cost = await estimateCost(sender.chain, sender.account.address, call, { signal });
    if (!(await confirmCost(what, cost, options, session))) throw new SubmissionDeclinedError();
    return (await sender.send(call, { signal })).transactionHash;
  };
  if (refund !== undefined) {
    if (!isHex32(refund)) throw new ArgumentError('--refund', refund, '0x and 64 lower-case hexadecimal digits');
    await send('refund the request', await refundCall(sender.chain, hub, refund));
  }
  const amountWei = await creditWei(sender.chain, hub, sender.account.address, { signal });
  if (amountWei === 0n) return { value: { amountWei, transaction: null }, text: 'the hub owes this account nothing' };
  const transaction = await send(`withdraw ${formatEther(amountWei)} ETH`, withdrawCall(hub, to));
  return { value: { amountWei, to, transaction }, text: `${formatEther(amountWei)} ETH to ${to} in ${transaction}` };
}

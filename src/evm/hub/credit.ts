import { InternalError } from '../../errors.ts';
import type { Hex32 } from '../../verify/json.ts';
import type { Receipt } from '../chain/answers.ts';
import type { Call, Chain } from '../chain/chain.ts';
import type { CallOptions } from '../chain/rpc.ts';
import type { SendOptions } from '../sender/pending.ts';
import type { Sender } from '../sender/sender.ts';
import { asAddress, askHub, findRequest, hubAbi } from './hub.ts';
import { UnknownRequestError } from './submit.ts';

/** What a hub owes an account: fees of fulfilled requests and refunds. */
export async function creditWei(chain: Chain, hub: string, account: string, options?: CallOptions): Promise<bigint> {
  const [credit] = await askHub(chain, hub, 'creditOf', [account], options);
  if (typeof credit !== 'bigint') throw new InternalError('the hub gave no amount');
  return credit;
}

/** The call that turns the fee of an expired request into credit of its requester; anybody may make it. */
export async function refundCall(chain: Chain, hub: string, id: Hex32): Promise<Call> {
  const found = await findRequest(chain, hub, id);
  if (found === undefined) throw new UnknownRequestError(id, hub);
  return { to: asAddress(hub), data: hubAbi().encodeFunctionData('refund', [found.request]) };
}

/** Takes the fee of a request back after its deadline. Rejects with TransactionRevertedError before. */
export async function refund(
  sender: Sender,
  { hub, id }: { readonly hub: string; readonly id: Hex32 },
  options: SendOptions = {},
): Promise<Receipt> {
  return sender.send(await refundCall(sender.chain, hub, id), options);
}

/** The call that pays the caller's credit out. */
export function withdrawCall(hub: string, to: string): Call {
  return { to: asAddress(hub), data: hubAbi().encodeFunctionData('withdraw', [asAddress(to)]) };
}

/**
 * Pays the sender's credit at a hub out, to itself when `to` is absent.
 *
 *     if ((await creditWei(chain, hub, sender.account.address)) > 0n) await withdraw(sender, { hub });
 */
export function withdraw(
  sender: Sender,
  { hub, to = sender.account.address }: { readonly hub: string; readonly to?: string },
  options: SendOptions = {},
): Promise<Receipt> {
  return sender.send(withdrawCall(hub, to), options);
}

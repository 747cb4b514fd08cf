import { VouchError } from '../../errors.ts';
import type { Hex32 } from '../../verify/json.ts';
import type { Receipt } from '../chain/answers.ts';
import type { Call, Chain } from '../chain/chain.ts';
import { sleep } from '../chain/sleep.ts';
import type { SendOptions } from '../sender/pending.ts';
import type { Sender } from '../sender/sender.ts';
import {
  asAddress,
  findFulfilled,
  hubAbi,
  type LocatedRequest,
  parseRequested,
  statusOf,
  topicOf,
  verifierOf,
} from './hub.ts';

/** What somebody wants computed and proved. */
export interface RequestOptions {
  readonly hub: string;
  readonly modelId: Hex32;
  /** Signals of the inputs that are not private, in the model's order. */
  readonly input: readonly bigint[];
  /** Who is called with the output; the requester, without a callback, when absent. */
  readonly consumer?: string;
  /** Unix time in seconds until which it can be fulfilled; then the fee can be taken back. */
  readonly deadline: number;
  /** Gas of the consumer's callback; 0 asks for none. */
  readonly callbackGas?: number;
  readonly feeWei?: bigint;
}

/** The call that makes a request. */
export function requestCall(requester: string, options: RequestOptions): Call {
  const { hub, modelId, input, consumer = requester, deadline, callbackGas = 0, feeWei = 0n } = options;
  const values = [modelId, [...input], asAddress(consumer), deadline, callbackGas];
  return { to: asAddress(hub), data: hubAbi().encodeFunctionData('request', values), valueWei: feeWei };
}

/**
 * Asks a hub for a proved inference and pays the fee into its escrow.
 *
 *     const input = requestInput(model, sample);
 *     const { id } = await request(sender, { hub, modelId, input, deadline: Date.now() / 1000 + 3600 });
 *     const { output } = await waitForAnswer(sender.chain, { hub, id });
 */
export async function request(
  sender: Sender,
  options: RequestOptions,
  sendOptions: SendOptions = {},
): Promise<LocatedRequest & { readonly receipt: Receipt }> {
  const { chain, account } = sender;
  if ((await verifierOf(chain, options.hub, options.modelId, sendOptions)) === undefined) {
    throw new UnregisteredModelError(options.modelId, options.hub);
  }
  const call = requestCall(account.address, { ...options, deadline: Math.floor(options.deadline) });
  const receipt = await sender.send(call, sendOptions);
  const found = receipt.logs
    .map((log) => parseRequested(chain, options.hub, log))
    .find((made) => made?.request.requester === account.address && made.request.modelId === options.modelId);
  if (found === undefined) throw new RequestLostError(receipt.transactionHash);
  return { ...found, receipt };
}

/** What a prover answered. */
export interface Answer {
  readonly prover: string;
  /** Signals of the outputs. */
  readonly output: readonly bigint[];
  readonly transactionHash: string;
}

/** Waits until a request is fulfilled. Rejects with RequestRefundedError, or with the signal's reason. */
export async function waitForAnswer(
  chain: Chain,
  { hub, id, fromBlock = 0 }: { readonly hub: string; readonly id: Hex32; readonly fromBlock?: number },
  { signal, pollMs = 250 }: { readonly signal?: AbortSignal; readonly pollMs?: number } = {},
): Promise<Answer> {
  for (;;) {
    const status = await statusOf(chain, hub, id, { signal });
    if (status === 'refunded') throw new RequestRefundedError(id);
    if (status === 'fulfilled' || status === 'callback-failed') {
      const toBlock = (await chain.block(undefined, { signal }))?.number ?? fromBlock;
      const logs = await chain.logs(
        { address: hub, topics: [topicOf('Fulfilled'), id], fromBlock, toBlock },
        { signal },
      );
      const answer = findFulfilled(logs, hub, id);
      if (answer !== undefined) return { ...answer, transactionHash: logs[0].transactionHash };
    }
    await sleep(pollMs, signal);
  }
}

export class UnregisteredModelError extends VouchError {
  override readonly name = 'Evm.UnregisteredModelError';

  constructor(modelId: Hex32, hub: string) {
    super(`The hub at ${hub} does not know model ${modelId}.`, {
      metaMessages: [`Register it with: vouch deploy <dir> --hub ${hub}`],
    });
  }
}

/** The fee went back to the requester. */
export class RequestRefundedError extends VouchError {
  override readonly name = 'Evm.RequestRefundedError';

  constructor(id: Hex32) {
    super(`The request ${id} was refunded: nobody fulfilled it in time.`);
  }
}

/** The receipt does not hold the event of the request. */
export class RequestLostError extends VouchError {
  override readonly name = 'Evm.RequestLostError';

  constructor(hash: string) {
    super(`The transaction ${hash} made no request.`, { metaMessages: ['Is there an InferenceHub at this address?'] });
  }
}

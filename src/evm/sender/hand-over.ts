import type { Receipt } from '../chain/answers.ts';
import type { Chain } from '../chain/chain.ts';
import { RpcUnavailableError } from '../chain/rpc.ts';
import { isNodeTrouble } from '../chain/trouble.ts';
import type { Pending, SentRecord } from './pending.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/**
 * Gives a node a signed transaction. Nothing where the node has it, or where an answer got lost on the way and only
 * the chain can tell: whoever watches the transaction finds out.
 */
export async function handOver(
  chain: Chain,
  { hash, raw }: SentRecord,
): Promise<{ readonly kind: Refusal; readonly cause: unknown } | undefined> {
  try {
    await chain.broadcast(raw);
  } catch (cause) {
    const kind = refusalOf(cause);
    if (kind === undefined && !(cause instanceof RpcUnavailableError)) throw cause;
    // A broadcast that was repeated after a lost answer meets itself, perhaps mined.
    if (kind !== undefined && kind !== 'known' && !(await mayKnow(chain, hash))) return { kind, cause };
  }
  return undefined;
}

async function mayKnow(chain: Chain, hash: string): Promise<boolean> {
  try {
    return await chain.knows(hash);
  } catch (error) {
    if (!isNodeTrouble(error)) throw error;
    return true;
  }
}

/** The receipt of whichever version was mined. */
export async function receiptOf(chain: Chain, { versions }: Pending): Promise<Receipt | undefined> {
  for (const { hash } of versions.toReversed()) {
    const receipt = await chain.receipt(hash);
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

import type { Receipt } from '../chain/answers.ts';
import type { Chain } from '../chain/chain.ts';
import { RpcUnavailableError } from '../chain/rpc.ts';
import type { Pending, SentRecord } from './pending.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/**
 * Gives a node a signed transaction. Nothing where the node has it, or where its answer got lost on the way and only
 * the chain can tell.
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
    if (kind !== undefined && kind !== 'known' && !(await chain.knows(hash))) return { kind, cause };
  }
  return undefined;
}

/** The receipt of whichever version was mined. */
export async function receiptOf(chain: Chain, { versions }: Pending): Promise<Receipt | undefined> {
  for (const { hash } of versions.toReversed()) {
    const receipt = await chain.receipt(hash);
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

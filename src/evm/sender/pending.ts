import type { Receipt } from '../chain/answers.ts';
import type { Call } from '../chain/chain.ts';
import type { Fees } from './fees.ts';

const MAX_WAIT_MS = 30_000;

/** A signed transaction as it must be kept by whoever wants to continue after a crash. */
export interface SentRecord {
  readonly nonce: number;
  readonly hash: string;
  /** The signed transaction in hex: sending it again has no further effect. */
  readonly raw: string;
}

/** What happens to a transaction on its way. */
export interface SenderEvent {
  readonly kind:
    | 'sent'
    /** A higher fee was offered under the same nonce. */
    | 'replaced'
    /** The node had lost it. */
    | 'resent'
    | 'mined'
    /** The block that held it is no longer part of the chain. */
    | 'unmined'
    | 'confirmed'
    /** Somebody else used its nonce. */
    | 'reassigned'
    /** It waits, and the limit on fees forbids to offer more. */
    | 'capped'
    /** The node had it, lost it and does not take it back. */
    | 'refused';
  readonly nonce: number;
  readonly hash: string;
  /** What the node said when it refused. */
  readonly reason?: string;
}

export interface SendOptions {
  /** Stops waiting; a transaction that was sent may still be mined. */
  readonly signal?: AbortSignal | undefined;
  readonly gasLimit?: bigint;
  /** Awaited before each signed version leaves this process, so that nothing is sent that was not recorded. */
  readonly beforeBroadcast?: (record: SentRecord) => Promise<void>;
  readonly onEvent?: (event: SenderEvent) => void;
}

/** One signed version of a pending transaction. */
export interface Version extends SentRecord {
  readonly fees: Fees;
  /** Height of the chain when it was last handed over. */
  sentAtBlock: number;
}

/** A transaction that is not confirmed yet. */
export interface Pending {
  readonly call: Call;
  readonly gasLimit: bigint;
  readonly options: SendOptions;
  readonly settle: (outcome: Outcome) => void;
  nonce: number;
  /** All carry the same nonce, so that at most one of them is ever mined. */
  readonly versions: Version[];
  /** Hash of the block that holds it. */
  minedIn: string | undefined;
  /** How often in a row its nonce was used and none of its versions mined. */
  strayed: number;
  /** How often in a row the node did not take it back. */
  refusals: number;
  /** Unix time in milliseconds before which it is not handed over again. */
  handOverAt: number;
}

export type Outcome = { readonly receipt: Receipt } | { readonly error: unknown };

export function emit({ options, nonce, versions }: Pending, kind: SenderEvent['kind'], reason?: string): void {
  const hash = versions.at(-1)?.hash ?? '';
  options.onEvent?.({ kind, nonce, hash, ...(reason === undefined ? {} : { reason }) });
}

/** An entry without a nonce. */
export function newPending(of: Pick<Pending, 'call' | 'gasLimit' | 'options' | 'settle'>): Pending {
  return { ...of, nonce: -1, versions: [], minedIn: undefined, strayed: 0, refusals: 0, handOverAt: 0 };
}

/** Counts a refusal and puts off the next attempt, longer each time. */
export function putOff(entry: Pending, firstMs: number): void {
  entry.refusals++;
  entry.handOverAt = Date.now() + Math.min(2 ** entry.refusals * firstMs, MAX_WAIT_MS);
}

/** A promise that an entry settles, and that the signal ends for whoever waits. */
export function settled(
  signal: AbortSignal | undefined,
  start: (settle: (outcome: Outcome) => void) => Promise<void>,
): Promise<Receipt> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    const settle = (outcome: Outcome): void => {
      signal?.removeEventListener('abort', abort);
      if ('receipt' in outcome) resolve(outcome.receipt);
      else reject(outcome.error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    start(settle).catch((error: unknown) => settle({ error }));
  });
}

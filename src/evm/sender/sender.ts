import { InternalError } from '../../errors.ts';
import { LOCAL_CHAIN_ID } from '../anvil.ts';
import type { Block, Receipt } from '../chain/answers.ts';
import type { Call, Chain } from '../chain/chain.ts';
import { createLimiter } from '../chain/limiter.ts';
import { sleep } from '../chain/sleep.ts';
import type { Account } from './account.ts';
import { distinguishFees, raiseFees } from './fees.ts';
import { handOver, receiptOf } from './hand-over.ts';
import { createMarket, headOf } from './market.ts';
import {
  emit,
  newPending,
  type Outcome,
  type Pending,
  putOff,
  type SenderEvent,
  type SendOptions,
  type SentRecord,
  settled,
  type Version,
} from './pending.ts';
import { TransactionRefusedError } from './refusal.ts';
import { failureOf, InsufficientFundsError, simulate } from './simulate.ts';
import { SenderClosedError, TransactionUncertainError } from './uncertain.ts';
import { readVersion, signVersion } from './version.ts';

/** Sends the transactions of one key. */
export interface Sender {
  readonly account: Account;
  readonly chain: Chain;
  /**
   * Resolves with the receipt once it is confirmed; any number may be under way. Rejects with TransactionRevertedError,
   * InsufficientFundsError or TransactionRefusedError, with the node's own error where nothing was sent yet, and with
   * TransactionUncertainError where the node was lost, or lost the transaction, and it may still be mined.
   */
  send(call: Call, options?: SendOptions): Promise<Receipt>;
  /** Continues with what an earlier process signed for one call, oldest first. */
  resume(records: readonly SentRecord[], options?: SendOptions): Promise<Receipt>;
  /** Stops watching; what is not confirmed rejects with TransactionUncertainError. */
  close(): Promise<void>;
}

export interface SenderOptions {
  /** Blocks that a receipt must be deep; 1 is the block that holds it. */
  readonly confirmations?: number;
  /** Blocks without a receipt after which a higher fee is offered. */
  readonly bumpAfterBlocks?: number;
  /** Never offer more than this for a unit of gas. */
  readonly maxFeeWei?: bigint | undefined;
  /** Unconfirmed transactions at once; nodes refuse too many of one account. */
  readonly maxInFlight?: number;
  readonly pollMs?: number;
  /** Events of transactions that nobody asked for: those that fill a gap of nonces. */
  readonly onEvent?: (event: SenderEvent) => void;
}

/** Observations in a row before a nonce counts as lost to somebody else, or as a gap. */
const SIGHTINGS = 3;
/** How many of the oldest waiting transactions are looked for in the node's pool at each poll. */
const INSPECTED = 16;
/** Depth after which a confirmed transaction is forgotten. */
const MEMORY_BLOCKS = 64;
/** Refusals in a row after which a transaction that the node lost is no longer watched. */
const MAX_REFUSALS = 8;
/** Nonces tried for one transaction while others use the same key. */
const MAX_NONCES = 256;

/**
 * One key's transactions in order of nonce. A loop polls while any is unconfirmed, compares each with the chain and
 * sends what is missing again, so that lost broadcasts, a node that forgot its pool and reorganisations are one case.
 *
 *     const sender = createSender(chain, accountFromKey(key), { maxFeeWei: 50_000_000_000n });
 *     const receipt = await sender.send({ to, data }, { onEvent: ({ kind, hash }) => console.log(kind, hash) });
 *     await sender.close();
 */
export function createSender(chain: Chain, account: Account, options: SenderOptions = {}): Sender {
  const local = chain.chainId === LOCAL_CHAIN_ID;
  const { confirmations = local ? 1 : 3, pollMs = local ? 50 : 2_000 } = options;
  const { bumpAfterBlocks = 3, maxFeeWei, maxInFlight = 48, onEvent = () => {} } = options;
  const { address } = account;
  const slots = createLimiter(maxInFlight);
  const inOrder = createLimiter(1);
  const closing = new AbortController();
  const market = createMarket(chain, maxFeeWei);
  let pending: readonly Pending[] = [];
  /** Confirmed transactions by nonce: a deep reorganisation makes them pending again. */
  const confirmed = new Map<number, SentRecord & { readonly block: number }>();
  let nextNonce: number | undefined;
  let gapSightings = 0;
  let running: Promise<void> | undefined;

  /** Counts on past a nonce. Where the count was given up while the node was asked, it is made again. */
  const passNonce = (nonce: number): void => {
    if (nextNonce !== undefined) nextNonce = Math.max(nextNonce, nonce + 1);
  };

  /** Gives an entry the first nonce under which the node takes it. */
  const enter = async (entry: Pending): Promise<void> => {
    for (let attempt = 0; attempt < MAX_NONCES; attempt++) {
      closing.signal.throwIfAborted();
      entry.options.signal?.throwIfAborted();
      nextNonce ??= Math.max(await chain.transactionCount(address, 'pending'), 1 + (pending.at(-1)?.nonce ?? -1));
      entry.nonce = nextNonce;
      const { head, fees } = await market();
      const version = await signVersion(chain, account, entry, { fees: distinguishFees(fees), block: head.number });
      await entry.options.beforeBroadcast?.(version);
      const refusal = await handOver(chain, version);
      if (refusal === undefined) {
        entry.versions.push(version);
        passNonce(entry.nonce);
        track(entry);
        emit(entry, 'sent');
        return;
      }
      // The nonce belongs to another process with the same key.
      if (refusal.kind === 'nonce-taken') passNonce(entry.nonce);
      else if (refusal.kind === 'nonce-used') {
        const counted = await chain.transactionCount(address, 'pending');
        nextNonce = Math.max(nextNonce ?? 0, entry.nonce + 1, counted);
      } else if (refusal.kind === 'fee-too-low' && attempt < SIGHTINGS) await market('fresh');
      else if (refusal.kind === 'no-funds') throw new InsufficientFundsError(address, chain.chainId, refusal.cause);
      else throw new TransactionRefusedError(refusal.cause);
    }
    throw new TransactionRefusedError(`${MAX_NONCES} nonces in a row were taken`);
  };

  const track = (entry: Pending): void => {
    pending = [...pending, entry].sort((a, b) => a.nonce - b.nonce);
    running ??= run();
  };

  const settle = (entry: Pending, outcome: Outcome): void => {
    pending = pending.filter((other) => other !== entry);
    entry.settle(outcome);
  };

  const run = async (): Promise<void> => {
    try {
      while (pending.length > 0) {
        closing.signal.throwIfAborted();
        await poll();
        if (pending.length > 0) await sleep(pollMs, closing.signal);
      }
    } catch (cause) {
      nextNonce = undefined;
      for (const entry of pending) settle(entry, { error: new TransactionUncertainError(entry.versions, cause) });
    } finally {
      running = undefined;
    }
  };

  const poll = async (): Promise<void> => {
    const head = await headOf(chain);
    const used = await chain.transactionCount(address, 'latest');
    const entries = pending;
    for (const [nonce, { block }] of confirmed) if (head.number - block > MEMORY_BLOCKS) confirmed.delete(nonce);
    await closeGap(used, entries[0].nonce, head);
    await Promise.all(entries.filter(({ nonce }) => nonce < used).map((entry) => inspectUsed(entry, head)));
    const waiting = entries.filter(({ nonce }) => nonce >= used).slice(0, INSPECTED);
    for (const [i, entry] of waiting.entries()) await inspectWaiting(entry, head, i === 0);
  };

  /** The nonce is used: by one of our versions, or by somebody else. */
  const inspectUsed = async (entry: Pending, head: Block): Promise<void> => {
    const receipt = await receiptOf(chain, entry);
    if (receipt === undefined) {
      entry.strayed++;
      const deep = Math.max(0, head.number - confirmations + 1);
      if (entry.strayed < SIGHTINGS || (await chain.transactionCount(address, deep)) <= entry.nonce) return;
      await reassign(entry);
      return;
    }
    entry.strayed = 0;
    if (entry.minedIn !== receipt.blockHash) {
      entry.minedIn = receipt.blockHash;
      emit(entry, 'mined');
    }
    if (head.number - receipt.blockNumber + 1 < confirmations) return;
    const mined = entry.versions.find(({ hash }) => hash === receipt.transactionHash);
    if (mined !== undefined) confirmed.set(entry.nonce, { ...mined, block: receipt.blockNumber });
    const error = receipt.succeeded ? undefined : await failureOf(chain, address, entry.call, receipt);
    emit(entry, 'confirmed');
    settle(entry, error === undefined ? { receipt } : { error });
  };

  /** No old version can be mined any more, because the nonce is used; the call goes out under a new one. */
  const reassign = async (entry: Pending): Promise<void> => {
    pending = pending.filter((other) => other !== entry);
    emit(entry, 'reassigned');
    const { call, gasLimit, options: sendOptions } = entry;
    try {
      await simulate(chain, address, call);
      await inOrder(() => enter(newPending({ call, gasLimit, options: sendOptions, settle: entry.settle })));
    } catch (error) {
      entry.settle({ error });
    }
  };

  /** The nonce is free: the transaction waits in the pool, or got lost. */
  const inspectWaiting = async (entry: Pending, head: Block, oldest: boolean): Promise<void> => {
    const last = entry.versions.at(-1);
    if (last === undefined) throw new InternalError('a pending transaction was never signed');
    if (entry.minedIn !== undefined) {
      entry.minedIn = undefined;
      emit(entry, 'unmined');
    }
    last.sentAtBlock = Math.min(last.sentAtBlock, head.number);
    if (await chain.knows(last.hash)) {
      entry.refusals = 0;
      if (oldest && head.number - last.sentAtBlock >= bumpAfterBlocks) await offerMore(entry, last);
      return;
    }
    if (Date.now() < entry.handOverAt) return;
    const refusal = await handOver(chain, last);
    if (refusal === undefined) {
      entry.refusals = 0;
      emit(entry, 'resent');
      return;
    }
    putOff(entry, pollMs);
    if (refusal.kind === 'fee-too-low' || refusal.kind === 'nonce-taken') await offerMore(entry, last);
    // Of a nonce that was used, the next look at the chain tells by whom.
    if (refusal.kind !== 'no-funds' && refusal.kind !== 'other') return;
    const error = new TransactionRefusedError(refusal.cause);
    emit(entry, 'refused', error.reason);
    if (entry.refusals < MAX_REFUSALS) return;
    // Another node may have it and mine it, so only whoever waits is told.
    nextNonce = undefined;
    settle(entry, { error: new TransactionUncertainError(entry.versions, error) });
  };

  const offerMore = async (entry: Pending, last: Version): Promise<void> => {
    const { head, fees: today } = await market('fresh');
    const fees = raiseFees(last.fees, today, maxFeeWei);
    last.sentAtBlock = head.number;
    if (fees === undefined) {
      emit(entry, 'capped');
      return;
    }
    const version = await signVersion(chain, account, entry, { fees, block: head.number });
    await entry.options.beforeBroadcast?.(version);
    entry.versions.push(version);
    await handOver(chain, version);
    emit(entry, 'replaced');
  };

  /** A free nonce below our oldest that nothing in the pool uses holds everything up. */
  const closeGap = async (used: number, oldest: number, head: Block): Promise<void> => {
    if (used >= oldest || (await chain.transactionCount(address, 'pending')) > used) {
      gapSightings = 0;
      return;
    }
    const forgotten = confirmed.get(used);
    if (forgotten !== undefined) {
      await handOver(chain, forgotten);
      return;
    }
    gapSightings++;
    if (gapSightings < SIGHTINGS) return;
    gapSightings = 0;
    const call = { to: address, data: '0x' };
    const gasLimit = await simulate(chain, address, call);
    const filler = newPending({ call, gasLimit, options: { onEvent }, settle() {} });
    filler.nonce = used;
    const { fees } = await market();
    const version = await signVersion(chain, account, filler, { fees, block: head.number });
    filler.versions.push(version);
    await handOver(chain, version);
    track(filler);
  };

  return {
    account,
    chain,
    send: (call, sendOptions = {}) =>
      slots(async () => {
        const gasLimit = sendOptions.gasLimit ?? (await simulate(chain, address, call, sendOptions.signal));
        return settled(sendOptions.signal, (settleWith) =>
          inOrder(() => enter(newPending({ call, gasLimit, options: sendOptions, settle: settleWith }))),
        );
      }),
    resume: (records, sendOptions = {}) =>
      settled(sendOptions.signal, async (settleWith) => {
        sendOptions.signal?.throwIfAborted();
        const nonce = records.at(-1)?.nonce ?? -1;
        const read = records.filter((record) => record.nonce === nonce).map(readVersion);
        const { call, gasLimit } = read[0];
        const entry = newPending({ call, gasLimit, options: sendOptions, settle: settleWith });
        entry.nonce = nonce;
        entry.versions.push(...read.map(({ version }) => version));
        passNonce(nonce);
        track(entry);
      }),
    async close() {
      closing.abort(new SenderClosedError());
      await running;
    },
  };
}

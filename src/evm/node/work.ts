import { type Address, requestBinding } from '../binding.ts';
import type { Limiter } from '../chain/limiter.ts';
import { readLogs } from '../chain/logs.ts';
import { TransactionRevertedError } from '../chain/revert.ts';
import { isNodeTrouble } from '../chain/trouble.ts';
import { findFulfilled, locate, type RequestStatus, statusOf, topicOf } from '../hub/hub.ts';
import { fulfilCall } from '../hub/submit.ts';
import { headOf } from '../sender/market.ts';
import type { SenderEvent, SentRecord } from '../sender/pending.ts';
import { TransactionRefusedError } from '../sender/refusal.ts';
import type { Sender } from '../sender/sender.ts';
import { InsufficientFundsError } from '../sender/simulate.ts';
import { TransactionUncertainError } from '../sender/uncertain.ts';
import type { NodeEvent } from './events.ts';
import type { Job, Proven, Settlement } from './job.ts';
import type { Height } from './state.ts';

/** What is asked of a prover: a proof for the request's input that is bound to this number. */
export interface ProofJob {
  readonly modelId: string;
  /** Signals of the inputs that are not private. */
  readonly input: readonly bigint[];
  readonly binding: bigint;
}

/** Makes a proof somewhere; rejects when the signal is aborted. */
export type Prover = (job: ProofJob, options: { readonly signal: AbortSignal }) => Promise<Proven>;

/** All that work on a request needs. */
export interface Bench {
  readonly sender: Sender;
  readonly hub: Address;
  readonly prove: Prover;
  readonly proving: Limiter;
  /** Time between looks at the chain, and the first wait after an attempt that came to nothing. */
  readonly pollMs: number;
  /** Writes the state; what follows may assume that it is on disk. */
  save(): Promise<void>;
  emit(event: NodeEvent): void;
  /** Notes a block on which a settlement rests. */
  sawBlock(block: Height): void;
}

/** Attempts after which a request is left alone until the node starts again: each costs a proof, or gas. */
const MAX_FAILURES = 3;
const MAX_RETRY_MS = 30_000;

/** Somebody else settled the request, so the work on it ends. */
export class SettledElsewhere extends Error {
  override readonly name = 'SettledElsewhere';
}

/**
 * Brings one request to its end: proves unless the proof is there, sends unless it was sent, waits for the receipt.
 * Whatever was reached is in the job; nothing leaves before it is on disk.
 */
export async function workOn(job: Job, bench: Bench, signal: AbortSignal): Promise<void> {
  const { sender, emit, save } = bench;
  const { id } = job;
  try {
    job.proven ??= await proveJob(job, bench, signal);
    await save();
    emit({ kind: 'proved', id });
    const options = {
      signal,
      onEvent: (event: SenderEvent) => emit({ kind: 'transaction', id, event }),
      async beforeBroadcast(record: SentRecord) {
        job.records = [...job.records, record];
        await save();
        emit({ kind: 'signed', id, hash: record.hash });
      },
    };
    const { request, proven, records } = job;
    const prover = sender.account.address;
    const call = fulfilCall(bench.hub, { request, prover, ...proven });
    const receipt = await (records.length > 0 ? sender.resume(records, options) : sender.send(call, options));
    const mine = findFulfilled(receipt.logs, bench.hub, id)?.prover === prover;
    const at = { number: receipt.blockNumber, hash: receipt.blockHash };
    await settle(job, mine ? 'fulfilled' : 'by-other', at, bench);
  } catch (error) {
    try {
      await recover(job, error, bench, signal);
    } catch (trouble) {
      if (!isNodeTrouble(trouble)) throw trouble;
      postpone(job, trouble, bench);
    }
  }
}

async function proveJob({ id, request }: Job, bench: Bench, signal: AbortSignal): Promise<Proven> {
  const { sender, hub, prove, proving, emit } = bench;
  const binding = requestBinding(locate(sender.chain, hub), request, sender.account.address);
  return proving(async () => {
    signal.throwIfAborted();
    emit({ kind: 'proving', id });
    return await prove({ modelId: request.modelId, input: request.input, binding }, { signal });
  });
}

/** Leaves the job as it must be tried again, or settles it where the chain says that it has ended. */
async function recover(job: Job, error: unknown, bench: Bench, signal: AbortSignal): Promise<void> {
  const { emit, sender, hub, save } = bench;
  if (signal.aborted && !(signal.reason instanceof SettledElsewhere)) return;
  // The proof and what was signed are on disk: the next attempt, or the next process, goes on with them.
  if (error instanceof TransactionUncertainError) {
    postpone(job, error, bench);
    return;
  }
  const status = await statusOf(sender.chain, hub, job.id);
  if (status !== 'pending' && status !== 'unknown') {
    await settleAs(job, status, bench);
    return;
  }
  // Nothing that was signed is under way any more.
  job.records = [];
  await save();
  if (error instanceof TransactionRevertedError && error.reason?.name === 'DeadlinePassed') {
    await settle(job, 'expired', await headOf(sender.chain), bench);
    return;
  }
  if (status === 'unknown' || isBlameless(error)) {
    postpone(job, error, bench);
    return;
  }
  job.failures++;
  job.retryAt = Date.now() + retryDelayMs(job.failures, bench.pollMs);
  emit({ kind: 'failed', id: job.id, error, final: hasFailed(job) });
}

/** Whether the request has no part in it, so that it is tried until its deadline. */
function isBlameless(error: unknown): boolean {
  return (
    isNodeTrouble(error) ||
    error instanceof TransactionRefusedError ||
    error instanceof InsufficientFundsError ||
    error instanceof SettledElsewhere
  );
}

function postpone(job: Job, error: unknown, { emit, pollMs }: Bench): void {
  job.setbacks++;
  const retryMs = retryDelayMs(job.setbacks, pollMs);
  job.retryAt = Date.now() + retryMs;
  emit({ kind: 'postponed', id: job.id, error, retryMs });
}

/** The wait after so many attempts: twice as long each time, half a minute at most. */
export function retryDelayMs(attempts: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** (attempts - 1), MAX_RETRY_MS);
}

export function hasFailed({ failures }: Job): boolean {
  return failures >= MAX_FAILURES;
}

/** Notes the end of a request that the chain shows, whoever brought it about. */
export async function settleAs(
  job: Job,
  status: Exclude<RequestStatus, 'unknown' | 'pending'>,
  bench: Bench,
): Promise<void> {
  const { chain, account } = bench.sender;
  const head = await headOf(chain);
  const filter = { address: bench.hub, topics: [topicOf('Fulfilled'), job.id], fromBlock: job.block };
  const [log] = status === 'refunded' ? [] : await readLogs(chain, { ...filter, toBlock: head.number });
  if (log === undefined) {
    await settle(job, status === 'refunded' ? 'refunded' : 'by-other', head, bench);
    return;
  }
  const mine = findFulfilled([log], bench.hub, job.id)?.prover === account.address;
  await settle(job, mine ? 'fulfilled' : 'by-other', { number: log.blockNumber, hash: log.blockHash }, bench);
}

/** Notes that nobody can fulfil a request any more. */
export function expire(job: Job, head: Height, bench: Bench): Promise<void> {
  return settle(job, 'expired', head, bench);
}

async function settle(job: Job, how: Settlement, at: Height, { save, sawBlock, emit }: Bench): Promise<void> {
  // The job and the look at the chain that noticed its end may both come here.
  if (job.settled !== undefined) return;
  job.settled = { how, block: at.number };
  sawBlock(at);
  await save();
  emit({ kind: 'settled', id: job.id, how });
}

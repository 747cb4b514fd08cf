import { InternalError } from '../../errors.ts';
import { type Hex32, isHex32 } from '../../verify/json.ts';
import { LOCAL_CHAIN_ID } from '../anvil.ts';
import type { InferenceRequest } from '../binding.ts';
import type { Block } from '../chain/answers.ts';
import { createLimiter } from '../chain/limiter.ts';
import { sleep } from '../chain/sleep.ts';
import { isNodeTrouble } from '../chain/trouble.ts';
import { asAddress, type RequestStatus, readRequests, statusOf, verifierOf } from '../hub/hub.ts';
import { UnregisteredModelError } from '../hub/request.ts';
import { headOf } from '../sender/market.ts';
import type { Sender } from '../sender/sender.ts';
import type { NodeEvent } from './events.ts';
import { createIntake } from './intake.ts';
import { type Job, newJob, type Settlement } from './job.ts';
import { withLock } from './lock.ts';
import type { Policy } from './policy.ts';
import { type Height, type NodeState, openState, removeLeftovers, saveState } from './state.ts';
import { type Bench, expire, hasFailed, type Prover, SettledElsewhere, settleAs, workOn } from './work.ts';

export interface WatchOptions extends Policy {
  readonly hub: string;
  /** Models whose requests are answered. */
  readonly modelIds: readonly Hex32[];
  readonly prove: Prover;
  /** Whether `prove` can read the request's input; what it cannot read is refused. */
  accepts?(request: InferenceRequest): boolean;
  /** File with the node's progress; one for each hub and account. */
  readonly statePath: string;
  /** Where a new state begins; later blocks only. */
  readonly fromBlock?: number;
  /** Proofs at once. */
  readonly maxProving?: number;
  /** Depth below which a block counts as final. */
  readonly reorgBlocks?: number;
  /** Time between looks at the chain. */
  readonly pollMs?: number;
  /** `idle`: ends when no request is open. A number: ends after that many were settled. Absent: goes on. */
  readonly until?: 'idle' | number;
  /** Ends the node; what is under way is continued by the next one with the same file. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: NodeEvent) => void;
}

/** What a run did. */
export type WatchSummary = Readonly<Record<Settlement | 'failed', number>>;

/** Requests that are being proved or sent at once. */
const MAX_ACTIVE = 32;
/** Requests whose status is asked for at each look. */
const MAX_LOOKED_AT = 64;
/** Requests in the state file; later ones wait on the chain. */
const MAX_JOBS = 4096;
const MAX_WAIT_MS = 30_000;

/**
 * Follows a hub's requests for some models, proves them and fulfils them. Restart, loss of the node, reorganisations,
 * a second process with the same key and other provers are all survived; each request is fulfilled at most once.
 *
 *     const prover = await createProver(['model.vouch']);
 *     const { prove, accepts } = prover;
 *     const options = { hub, modelIds: [...prover.models.keys()], prove, accepts, statePath: 'watch.json' };
 *     await watch(sender, { ...options, signal, onEvent: console.log });
 */
export async function watch(sender: Sender, options: WatchOptions): Promise<WatchSummary> {
  const hub = asAddress(options.hub);
  const { chain, account } = sender;
  for (const modelId of options.modelIds) {
    if ((await verifierOf(chain, hub, modelId, options)) === undefined) throw new UnregisteredModelError(modelId, hub);
  }
  const first = await chain.block(0, options);
  if (first === undefined || !isHex32(first.hash)) throw new InternalError('the chain has no block 0');
  const identity = { chainId: chain.chainId, genesis: first.hash, hub, prover: account.address };
  return withLock(options.statePath, async () => {
    await removeLeftovers(options.statePath);
    const state = await openState(options.statePath, identity, options.fromBlock ?? 0);
    return run(sender, { ...options, hub }, state);
  });
}

async function run(sender: Sender, options: WatchOptions, state: NodeState): Promise<WatchSummary> {
  const { chain } = sender;
  const local = chain.chainId === LOCAL_CHAIN_ID;
  const { hub, modelIds, signal, until, onEvent = () => {}, prove, statePath, maxProving = 1 } = options;
  const { pollMs = local ? 100 : 4_000, reorgBlocks = 64 } = options;
  const saving = createLimiter(1);
  const active = new Map<string, { readonly work: Promise<void>; readonly controller: AbortController }>();
  const intake = createIntake(options, options.accepts);
  /** First block with a request that had no place yet. */
  let waiting = Number.POSITIVE_INFINITY;
  const counts = { fulfilled: 0, 'by-other': 0, refunded: 0, expired: 0, failed: 0 };
  let broken: { readonly error: unknown } | undefined;

  const emit = (event: NodeEvent): void => {
    if (event.kind === 'settled') counts[event.how]++;
    if (event.kind === 'failed' && event.final) counts.failed++;
    onEvent(event);
  };
  const sawBlock = ({ number, hash }: Height): void => {
    if (state.head === undefined || number >= state.head.number) state.head = { number, hash };
  };
  const save = (): Promise<void> => saving(() => saveState(statePath, state));
  const bench: Bench = { sender, hub, prove, proving: createLimiter(maxProving), pollMs, save, emit, sawBlock };

  const start = (job: Job): void => {
    const controller = new AbortController();
    const work = workOn(job, bench, controller.signal)
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => active.delete(job.id));
    active.set(job.id, { work, controller });
  };

  /** One look at the chain; how many requests are open. */
  const turn = async (): Promise<number> => {
    const head = await headOf(chain);
    await noticeReorganisation(head);
    const found = await readRequests(
      chain,
      hub,
      { modelIds, fromBlock: state.cursor, toBlock: head.number },
      { signal },
    );
    waiting = Number.POSITIVE_INFINITY;
    // On a local chain gas costs nobody anything.
    const gasWei = local ? 0n : (head.baseFeeWei ?? 0n);
    const moment = { timestamp: head.timestamp, gasWei };
    const { accepted, refused } = intake.judge(found, moment, (id) => state.jobs.has(id));
    for (const { id, reason } of refused) emit({ kind: 'refused', id, reason });
    for (const { id, request, block } of accepted) {
      if (state.jobs.size < MAX_JOBS) state.jobs.set(id, newJob({ id, request, block }));
      else waiting = Math.min(waiting, block);
    }
    const open = [...state.jobs.values()].filter((job) => job.settled === undefined && !hasFailed(job));
    const looked = open.slice(0, MAX_LOOKED_AT);
    const statuses = await Promise.all(looked.map(({ id }) => statusOf(chain, hub, id, { signal })));
    for (const [i, job] of looked.entries()) await advance(job, statuses[i], head);
    forget(head);
    sawBlock(head);
    await save();
    return open.filter(({ settled }, i) => settled === undefined && statuses[i] !== 'unknown').length;
  };

  const advance = async (job: Job, status: RequestStatus, head: Block): Promise<void> => {
    // The status may be older than what the work on the job has found out since.
    if (job.settled !== undefined) return;
    const running = active.get(job.id);
    if (status === 'unknown') {
      // A reorganisation took the request itself; for a while it may come back.
      if (running === undefined && job.block < head.number - reorgBlocks) state.jobs.delete(job.id);
      return;
    }
    if (status === 'pending') {
      if (running !== undefined || active.size >= MAX_ACTIVE || Date.now() < job.retryAt) return;
      if (job.request.deadline < BigInt(head.timestamp)) {
        await expire(job, head, bench);
        return;
      }
      if (job.proven === undefined) emit({ kind: 'seen', id: job.id });
      start(job);
      return;
    }
    if (running === undefined) await settleAs(job, status, bench);
    // A transaction that was sent tells its end itself, so that nonces stay in order.
    else if (job.records.length === 0) running.controller.abort(new SettledElsewhere());
  };

  /** A block that was seen is no longer there: what was settled may be open again. */
  const noticeReorganisation = async (head: Block): Promise<void> => {
    if (state.head === undefined) return;
    const again = head.number === state.head.number ? head : await chain.block(state.head.number, { signal });
    if (again?.hash === state.head.hash) return;
    emit({ kind: 'reorganised', block: state.head.number });
    for (const job of state.jobs.values()) {
      if (job.settled === undefined) continue;
      const status = await statusOf(chain, hub, job.id, { signal });
      if (status !== 'pending' && status !== 'unknown') continue;
      job.settled = undefined;
      emit({ kind: 'reopened', id: job.id });
    }
    state.head = undefined;
    sawBlock(head);
  };

  /** Moves the cursor up to the oldest block that may still change or has an open request; drops what is final. */
  const forget = (head: Block): void => {
    const final = head.number - reorgBlocks;
    for (const job of state.jobs.values()) {
      const { id, settled, request, block } = job;
      const tooLate = settled === undefined && hasFailed(job) && request.deadline < BigInt(head.timestamp);
      if (!tooLate && !(settled && settled.block < final)) continue;
      // An older request may hold the cursor below its block, where it would be found again.
      intake.dismiss({ id, block });
      state.jobs.delete(id);
    }
    const open = [...state.jobs.values()]
      .filter((job) => job.settled === undefined && !hasFailed(job))
      .map(({ block }) => block);
    state.cursor = Math.max(state.cursor, Math.min(final, waiting, ...open));
    intake.forgetBefore(state.cursor);
  };

  const settledCount = (): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const unfinished = [...state.jobs.values()].filter(({ settled }) => settled === undefined).length;
  emit({ kind: 'started', cursor: state.cursor, unfinished });
  let waitMs = pollMs;
  try {
    while (signal?.aborted !== true) {
      try {
        const open = await turn();
        if (broken !== undefined) throw broken.error;
        if (
          until === 'idle' ? open === 0 && active.size === 0 : settledCount() >= (until ?? Number.POSITIVE_INFINITY)
        ) {
          return counts;
        }
        waitMs = pollMs;
      } catch (error) {
        if (signal?.aborted) break;
        if (!isNodeTrouble(error)) throw error;
        emit({ kind: 'node-lost', error });
        waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
      }
      await sleep(waitMs, signal).catch(() => {});
    }
    return counts;
  } finally {
    for (const { controller } of active.values()) controller.abort(signal?.reason ?? new Error('the node stopped'));
    await Promise.all([...active.values()].map(({ work }) => work));
    await save();
  }
}

import { VouchError } from '../errors.ts';
import { type Attempt, type Executor, WorkerCrashedError } from './executor.ts';
import type { Job } from './task-module.ts';

export interface QueueOptions {
  /** Jobs that may wait beside those that run; `submit` waits when there are as many. */
  readonly maxQueued: number;
  /** Longest that one attempt may run, in milliseconds. */
  readonly timeoutMs: number;
}

export interface SubmitOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A job that has been taken; an object, because a promise of a promise is that promise. */
export interface Ticket {
  readonly result: Promise<unknown>;
}

export interface QueueStats {
  readonly executor: Executor['kind'];
  readonly workers: number;
  readonly running: number;
  readonly queued: number;
  readonly completed: number;
  /** Jobs that ended with an error of their own, a crash after the retry included. */
  readonly failed: number;
  readonly timedOut: number;
  readonly cancelled: number;
  /** Workers that ended in the middle of a task, and how many of their tasks were tried again. */
  readonly crashes: number;
  readonly retried: number;
}

export interface Queue {
  /** Resolves once the job has a place. Rejects with the signal's reason, as the result does. */
  submit(job: Job, options?: SubmitOptions): Promise<Ticket>;
  stats(): QueueStats;
  /** Takes no more jobs, waits for those it has, and ends the workers. */
  close(): Promise<void>;
}

interface Entry {
  readonly job: Job;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
  attempts: number;
  settled: boolean;
  /** While it runs. */
  attempt?: Attempt | undefined;
}

type Counter = 'completed' | 'failed' | 'timedOut' | 'cancelled' | 'crashes' | 'retried';

const MAX_ATTEMPTS = 2;

/**
 * First in, first out, before an executor. A job whose worker crashes is tried once more; a job that is cancelled or
 * times out is answered at once, and its worker takes the next one when it is free.
 */
export function createQueue(executor: Executor, { maxQueued, timeoutMs }: QueueOptions): Queue {
  const capacity = executor.slots + maxQueued;
  const waiting: Entry[] = [];
  const callers: (() => void)[] = [];
  const idle: (() => void)[] = [];
  const counters: Record<Counter, number> = {
    completed: 0,
    failed: 0,
    timedOut: 0,
    cancelled: 0,
    crashes: 0,
    retried: 0,
  };
  let places = 0;
  let running = 0;
  let closing: Promise<void> | undefined;

  const leave = () => {
    const caller = callers.shift();
    if (caller !== undefined) caller();
    else places--;
    if (places === 0) for (const wake of idle.splice(0)) wake();
  };
  const pump = () => {
    while (running < executor.slots) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      void run(entry);
    }
  };
  const answer = (entry: Entry, counter: Counter, settle: () => void) => {
    if (entry.settled) return;
    entry.settled = true;
    entry.signal?.removeEventListener('abort', entry.onAbort);
    counters[counter]++;
    settle();
  };
  const giveUp = (entry: Entry, counter: Counter, reason: unknown) => {
    answer(entry, counter, () => entry.reject(reason));
    if (entry.attempt !== undefined) return entry.attempt.stop();
    waiting.splice(waiting.indexOf(entry), 1);
    leave();
  };

  async function run(entry: Entry): Promise<void> {
    running++;
    entry.attempts++;
    entry.attempt = executor.start(entry.job);
    const release = limitTime(entry.attempt, timeoutMs, () =>
      giveUp(entry, 'timedOut', new TaskTimeoutError(entry.job.task, timeoutMs)),
    );
    try {
      const value = await entry.attempt.done;
      answer(entry, 'completed', () => entry.resolve(value));
    } catch (error) {
      const crashed = !entry.settled && error instanceof WorkerCrashedError;
      if (crashed) counters.crashes++;
      if (crashed && entry.attempts < MAX_ATTEMPTS) {
        counters.retried++;
        waiting.unshift(entry);
      } else {
        const { attempts } = entry;
        const reason = crashed ? new WorkerCrashedError({ ...error.crash, attempts }) : error;
        answer(entry, 'failed', () => entry.reject(reason));
      }
    } finally {
      release();
      entry.attempt = undefined;
      running--;
      if (entry.settled) leave();
      pump();
    }
  }

  return {
    async submit(job, { signal } = {}) {
      if (closing !== undefined) throw new PoolClosedError();
      signal?.throwIfAborted();
      if (places < capacity) places++;
      else await placeFor(callers, signal);
      const result = new Promise<unknown>((resolve, reject) => {
        const onAbort = () => giveUp(entry, 'cancelled', signal?.reason);
        const entry: Entry = { job, signal, resolve, reject, onAbort, attempts: 0, settled: false };
        waiting.push(entry);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
      pump();
      return { result };
    },
    stats: () => ({
      executor: executor.kind,
      workers: executor.slots,
      running,
      queued: waiting.length,
      ...counters,
    }),
    close() {
      closing ??= (async () => {
        if (places > 0) await new Promise<void>((resolve) => idle.push(resolve));
        await executor.close();
      })();
      return closing;
    },
  };
}

/** Longest that a worker may take to be set up: to load its code, its model or its keys. */
const SETUP_MS = 300_000;

/** Calls `onExceed` when an attempt has run too long; setting its worker up does not count. Returns how to stop. */
function limitTime({ startedAt }: Attempt, timeoutMs: number, onExceed: () => void): () => void {
  const latestStart = Date.now() + SETUP_MS;
  let timer: NodeJS.Timeout;
  const check = () => {
    const now = Date.now();
    const left = Math.min(startedAt() ?? now, latestStart) + timeoutMs - now;
    if (left <= 0) onExceed();
    else timer = setTimeout(check, left);
  };
  check();
  return () => clearTimeout(timer);
}

/** Waits in line for a place; whoever leaves hands its place over, so that nobody is overtaken. */
function placeFor(callers: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = () => {
      callers.splice(callers.indexOf(take), 1);
      reject(signal?.reason);
    };
    callers.push(take);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** The task ran longer than the pool allows. */
export class TaskTimeoutError extends VouchError {
  override readonly name = 'Pool.TaskTimeoutError';

  constructor(task: string, timeoutMs: number) {
    super(`The task "${task}" took longer than ${timeoutMs / 1000} s.`, {
      metaMessages: ['Allow more time, or prove a smaller model.'],
    });
  }
}

/** `close` has been called. */
export class PoolClosedError extends VouchError {
  override readonly name = 'Pool.PoolClosedError';

  constructor() {
    super('The pool is closed; it takes no more tasks.');
  }
}

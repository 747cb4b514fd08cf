import { Piscina } from 'piscina';
import { createControlWords, mayEnd, requestCancel, startDelay } from './control.ts';
import { type Attempt, type Executor, WorkerCrashedError } from './executor.ts';
import { type Outcome, unwrap } from './outcome.ts';
import { type Job, siblingPath, type WorkerSetup, workerFlags } from './task-module.ts';
import type { ThreadJob } from './worker.ts';

export interface ThreadOptions extends WorkerSetup {
  readonly slots: number;
  /** Limit of each thread's JavaScript heap. Typed arrays lie outside it; a limit on those takes a process. */
  readonly memoryMb: number;
}

/** How long a cancelled task has to notice before its thread is ended, and between attempts to end it. */
const GRACE_MS = 100;

/**
 * Threads of a piscina pool, one job each. piscina's own `close` and `AbortSignal` end threads without asking, so
 * neither is used on a thread that may be inside onnxruntime: `close` waits for all jobs, `stop` for the native call.
 */
export function createThreads({ module, setup, slots, memoryMb }: ThreadOptions): Executor {
  const piscina = new Piscina({
    filename: siblingPath('worker'),
    name: 'run',
    // Started when first needed: a pool that computes one sample starts one.
    minThreads: 0,
    maxThreads: slots,
    idleTimeout: Number.POSITIVE_INFINITY,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    workerData: { module, setup },
    execArgv: workerFlags(),
    recordTiming: false,
  });
  const inFlight = new Set<(error: WorkerCrashedError) => void>();
  // Emitted for a thread that failed while it was idle. Without any thread left, piscina would keep its jobs for ever.
  piscina.on('error', (error: unknown) => {
    if (piscina.threads.length > 0) return;
    for (const reject of inFlight) reject(crash(error));
  });
  return {
    kind: 'thread',
    slots,
    start: (job) => startAttempt(piscina, inFlight, job),
    close: () => piscina.destroy(),
  };
}

function startAttempt(piscina: Piscina, inFlight: Set<(error: WorkerCrashedError) => void>, job: Job): Attempt {
  const control = createControlWords();
  const killer = new AbortController();
  const submittedAt = Date.now();
  const message: ThreadJob = { ...job, control, submittedAt };
  let retry: NodeJS.Timeout | undefined;
  let giveUp = (_: WorkerCrashedError): void => {};
  const lost = new Promise<never>((_, reject) => {
    giveUp = reject;
    inFlight.add(reject);
  });
  const done = Promise.race([runJob(piscina, message, killer.signal), lost]).finally(() => {
    clearTimeout(retry);
    inFlight.delete(giveUp);
  });
  const end = () => {
    if (mayEnd(control)) killer.abort();
    else retry = setTimeout(end, GRACE_MS);
  };
  return {
    done,
    startedAt() {
      const delay = startDelay(control);
      return delay === 0 ? undefined : submittedAt + delay;
    },
    stop() {
      requestCancel(control);
      retry = setTimeout(end, GRACE_MS);
    },
  };
}

async function runJob(piscina: Piscina, message: ThreadJob, signal: AbortSignal): Promise<unknown> {
  let outcome: Outcome;
  try {
    outcome = await piscina.run(message, { signal });
  } catch (error) {
    throw crash(error);
  }
  return unwrap(outcome);
}

/** Tasks report their own errors as outcomes, so whatever else piscina rejects with is the end of a thread. */
function crash(cause: unknown): WorkerCrashedError {
  if (!(cause instanceof Error)) return new WorkerCrashedError({ reason: 'exit', detail: String(cause), cause });
  if (cause.name === 'AbortError') {
    return new WorkerCrashedError({ reason: 'stopped', detail: 'it did not stop by itself' });
  }
  const outOfMemory = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new WorkerCrashedError({ reason: outOfMemory ? 'memory' : 'exit', detail: cause.message, cause });
}

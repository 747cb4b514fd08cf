import { VouchError } from '../errors.ts';
import type { Job } from './task-module.ts';

/** One attempt at a job. */
export interface Attempt {
  /** Settles when the worker is free again, or gone: a `WorkerCrashedError` where it did not end by itself. */
  readonly done: Promise<unknown>;
  /** When the worker began, as `Date.now()`; nothing while it is still being set up. */
  startedAt(): number | undefined;
  /** Ends the attempt as soon as that is safe. */
  stop(): void;
}

/** Workers of one kind, as many as `slots`. Never given more jobs than that at a time. */
export interface Executor {
  readonly kind: 'thread' | 'process';
  readonly slots: number;
  start(job: Job): Attempt;
  /** Ends idle workers; all attempts must have settled. */
  close(): Promise<void>;
}

/** Why a worker is gone. */
export type CrashReason = 'exit' | 'memory' | 'stopped';

export interface Crash {
  readonly reason: CrashReason;
  /** What the system said. */
  readonly detail: string;
  /** How often the task was tried. */
  readonly attempts?: number;
  readonly cause?: unknown;
}

/** A worker ended in the middle of a task. Other tasks are not affected. */
export class WorkerCrashedError extends VouchError {
  override readonly name = 'Pool.WorkerCrashedError';
  readonly crash: Crash;

  constructor(crash: Crash) {
    const { reason, detail, attempts = 1, cause } = crash;
    const what = { exit: 'ended', memory: 'ran out of memory', stopped: 'was stopped' }[reason];
    super(`A worker ${what} in the middle of a task (${detail}).`, {
      metaMessages: [
        ...(attempts > 1 ? [`The task was tried ${attempts} times.`] : []),
        ...(reason === 'memory' ? ['Use fewer workers, a smaller model or a larger memory limit.'] : []),
      ],
      cause,
    });
    this.crash = crash;
  }
}

import { VouchError } from '../errors.ts';

/**
 * How a task in a thread is stopped, over shared memory. Ending a thread inside a native call of onnxruntime aborts the
 * whole process, so both sides take turns on one word: a thread enters native code only from `SCRIPT`, and its owner
 * ends it only after moving the word from `SCRIPT` to `ENDING`, from where nothing leads into native code.
 */
const CANCEL = 0;
const PHASE = 1;
const STARTED = 2;
const SCRIPT = 0;
const NATIVE = 1;
const ENDING = 2;

/** The thread's side, given to every task. */
export interface Control {
  /** Throws once the task has been cancelled; long tasks call it between their steps. */
  check(): void;
  /** Runs a call that must not be interrupted. */
  native<T>(call: () => Promise<T>): Promise<T>;
}

export function createControlWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}

/** Notes that the task begins, in milliseconds since it was submitted. */
export function markStarted(words: Int32Array, submittedAt: number): void {
  Atomics.store(words, STARTED, Math.max(1, Date.now() - submittedAt));
}

/** Milliseconds from submitting to beginning; 0 while the task has not begun. */
export function startDelay(words: Int32Array): number {
  return Atomics.load(words, STARTED);
}

/** Asks the task to stop at its next check. */
export function requestCancel(words: Int32Array): void {
  Atomics.store(words, CANCEL, 1);
}

/** Whether the thread may be ended now. Once true, it stays true. */
export function mayEnd(words: Int32Array): boolean {
  return Atomics.compareExchange(words, PHASE, SCRIPT, ENDING) !== NATIVE;
}

export function controlOf(words: Int32Array): Control {
  const check = () => {
    if (Atomics.load(words, CANCEL) !== 0) throw new TaskCancelledError();
  };
  return {
    check,
    async native(call) {
      check();
      if (Atomics.compareExchange(words, PHASE, SCRIPT, NATIVE) !== SCRIPT) throw new TaskCancelledError();
      try {
        return await call();
      } finally {
        Atomics.store(words, PHASE, SCRIPT);
      }
    },
  };
}

/** What a task throws that was asked to stop; its caller has been told why already. */
export class TaskCancelledError extends VouchError {
  override readonly name = 'Pool.TaskCancelledError';

  constructor() {
    super('The task was cancelled.');
  }
}

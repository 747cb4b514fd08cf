import type { Control } from './addon.ts';
import { NativeKernelError, STATUS } from './native-status.ts';

/** How a caller follows and ends a call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * The addon works on libuv's few threads, which also serve the file system, and its pool takes one call at a time
 * anyway: calls wait for each other here instead of there.
 */
let last: Promise<unknown> = Promise.resolve();

/**
 * Makes one call of the addon, alone; rejects with the signal's reason, or with what the status means. A call that is
 * aborted while it waits for others ends at once.
 */
export async function callAddon<T extends object>(
  { signal, onProgress }: CallOptions,
  call: (control: Control) => Promise<T | number>,
): Promise<T> {
  const before = last;
  let done = () => {};
  const ended = new Promise<void>((resolve) => {
    done = resolve;
  });
  // Whoever stops waiting must not let the next call overtake the one before.
  last = before.then(() => ended);
  const control: Control = new Uint32Array(2);
  const cancel = () => Atomics.store(control, 0, 1);
  let timer: NodeJS.Timeout | undefined;
  try {
    await unlessAborted(before, signal);
    signal?.addEventListener('abort', cancel, { once: true });
    if (onProgress !== undefined) timer = setInterval(() => onProgress(Atomics.load(control, 1) / 1000), PROGRESS_MS);
    const result = await call(control);
    // Also where it ended before it saw that it should: whoever gave up is not told of a success.
    if (typeof result !== 'number' || result === STATUS.cancelled) signal?.throwIfAborted();
    if (typeof result === 'number') throw new NativeKernelError(result);
    onProgress?.(1);
    return result;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
    done();
  }
}

/** What a call has filled, or its status where that is not 0. */
export async function filled<T extends object>(result: T, status: Promise<number>): Promise<T | number> {
  const ended = await status;
  return ended === STATUS.ok ? result : ended;
}

/** Waits for a turn that never rejects, or rejects with the signal's reason. */
function unlessAborted(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    turn.then(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
  });
}

const PROGRESS_MS = 50;

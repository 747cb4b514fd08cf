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

/** Makes one call of the addon, alone; rejects with the signal's reason, or with what the status means. */
export async function callAddon<T extends object>(
  { signal, onProgress }: CallOptions,
  call: (control: Control) => Promise<T | number>,
): Promise<T> {
  const before = last;
  let done = () => {};
  last = new Promise<void>((resolve) => {
    done = resolve;
  });
  await before;
  const control: Control = new Uint32Array(2);
  const cancel = () => Atomics.store(control, 0, 1);
  const timer =
    onProgress === undefined ? undefined : setInterval(() => onProgress(Atomics.load(control, 1) / 1000), PROGRESS_MS);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', cancel, { once: true });
    const result = await call(control);
    if (result === STATUS.cancelled) signal?.throwIfAborted();
    if (typeof result === 'number') throw new NativeKernelError(result);
    onProgress?.(1);
    return result;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
    done();
  }
}

const PROGRESS_MS = 50;

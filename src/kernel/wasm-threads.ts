import type { ThreadStart, WasmModule, WasmProgram } from './wasm-module.ts';

/** Starts a thread that works as `prepareThread` says; resolves once it is about to. */
export type StartThread = (start: ThreadStart) => Promise<void>;

/**
 * Gives the kernel further threads, `threads` in all. The calling thread must be one that may block: in a browser, a
 * worker. The threads end with it.
 */
export async function addThreads(
  wasm: WasmModule,
  program: WasmProgram,
  threads: number,
  startThread: StartThread,
): Promise<void> {
  const starts = Array.from({ length: threads - 1 }, (_, i): ThreadStart => {
    const stack = wasm.allocate(STACK_BYTES);
    return { program, worker: i + 1, stackEnd: stack + STACK_BYTES };
  });
  await Promise.all(starts.map(startThread));
  wasm.ask('setWorkers', threads);
}

/** As much as the first thread's, see native/build.sh. */
const STACK_BYTES = 1 << 18;

import type { Worker } from 'node:worker_threads';
import { InternalError } from '../errors.ts';
import type { CallOptions } from './native-call.ts';
import { NativeKernelError, STATUS } from './native-status.ts';
import { startWorker } from './start-worker.ts';
import type { LeadCall, LeadMessage, LeadStart } from './wasm-lead.ts';
import { loadProgram, type WasmProgram } from './wasm-module.ts';
import type { WasmProver } from './wasm-prover.ts';

/** The thread that leads, as the one that started it sees it. */
export interface WasmLead {
  /** Calls a function of the prover, one at a time; rejects with the signal's reason or with what a status means. */
  call<Name extends keyof WasmProver>(
    name: Name,
    values: Parameters<WasmProver[Name]>,
    options: CallOptions,
  ): Promise<ReturnType<WasmProver[Name]>>;
  /** Runs work whose calls belong together when that of all callers before has ended. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  view(address: number, size: number): Uint8Array;
  end(): Promise<void>;
}

/** Starts the threads. `onEnd` is told when they end, also by themselves. */
export async function startLead(code: Uint8Array, threads: number, onEnd: () => void): Promise<WasmLead> {
  const program = await loadProgram(code);
  const worker = startWorker('wasm-lead', { program, threads } satisfies LeadStart);
  let last: Promise<unknown> = Promise.resolve();
  try {
    const first = await nextMessage(worker, () => {});
    if (!('cancelWord' in first)) throw new InternalError('The WebAssembly kernel began with an answer.');
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    // Threads that have nothing to do keep no process alive.
    worker.unref();
    return {
      call: (name, values, options) => callLead(worker, program, first.cancelWord, { name, values }, options),
      async alone(work) {
        const mine = last.then(work);
        last = mine.catch(() => {});
        return await mine;
      },
      view: (address, size) => new Uint8Array(program.memory.buffer, address, size),
      async end() {
        await worker.terminate();
      },
    };
  } catch (error) {
    onEnd();
    await worker.terminate();
    throw error;
  }
}

async function callLead<T>(
  worker: Worker,
  { memory }: WasmProgram,
  cancelWord: number,
  call: LeadCall,
  { signal, onProgress }: CallOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const cancelled = new Int32Array(memory.buffer, cancelWord, 1);
  const cancel = () => Atomics.store(cancelled, 0, 1);
  Atomics.store(cancelled, 0, 0);
  signal?.addEventListener('abort', cancel, { once: true });
  worker.ref();
  try {
    worker.postMessage(call);
    const answer = await nextMessage(worker, (fraction) => onProgress?.(fraction));
    if ('status' in answer && answer.status !== STATUS.cancelled) throw new NativeKernelError(answer.status);
    // Also where the answer was on its way already: whoever gave up is not told of a success.
    if (!('failure' in answer)) signal?.throwIfAborted();
    if (!('result' in answer)) {
      // A thread was lost, or worse: the others would wait for it, and memory is no longer to be trusted.
      await worker.terminate();
      throw new InternalError(
        `The WebAssembly kernel failed: ${'failure' in answer ? answer.failure : 'a thread was lost'}.`,
      );
    }
    if (call.name === 'prove') onProgress?.(1);
    // Names and results are paired by `WasmProver`; messages carry no types.
    return answer.result as T;
  } finally {
    worker.unref();
    signal?.removeEventListener('abort', cancel);
  }
}

/** The next message that is not about progress. */
function nextMessage(worker: Worker, onProgress: (fraction: number) => void): Promise<LeadMessage> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      end();
    };
    const onMessage = (message: LeadMessage) => {
      if ('progress' in message) onProgress(message.progress);
      else settle(() => resolve(message));
    };
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = () => settle(() => reject(new InternalError('The threads of the WebAssembly kernel have ended.')));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });
}

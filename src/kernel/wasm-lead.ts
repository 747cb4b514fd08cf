import { parentPort, workerData } from 'node:worker_threads';
import { InternalError } from '../errors.ts';
import { NativeKernelError } from './native-status.ts';
import { startWorker } from './start-worker.ts';
import { startWasm, type WasmProgram } from './wasm-module.ts';
import { createWasmProver, type WasmProver } from './wasm-prover.ts';
import { addThreads, type StartThread } from './wasm-threads.ts';

/** What the leading thread in Node is started with. */
export interface LeadStart {
  readonly program: WasmProgram;
  readonly threads: number;
}

/** One call of a `WasmProver`'s function. */
export interface LeadCall {
  readonly name: keyof WasmProver;
  readonly values: readonly unknown[];
}

/** What it answers: once where its cancel word lies, then the progress and the result of each call. */
export type LeadMessage =
  | { readonly cancelWord: number }
  | { readonly progress: number }
  | { readonly result: unknown }
  | { readonly status: number }
  | { readonly failure: string };

if (parentPort === null) throw new InternalError('This module runs in a worker thread.');
const port = parentPort;
const tell = (message: LeadMessage) => port.postMessage(message);

const startThread: StartThread = (start) =>
  new Promise((resolve, reject) => {
    const worker = startWorker('wasm-thread', start);
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });

const { program, threads }: LeadStart = workerData;
const wasm = await startWasm(program, (thousandths) => tell({ progress: thousandths / 1000 }));
await addThreads(wasm, program, threads, startThread);
const prover = createWasmProver(wasm);

port.on('message', ({ name, values }: LeadCall) => {
  try {
    // Names and values are paired by whoever posts them; messages carry no types.
    tell({ result: Reflect.apply(prover[name], prover, [...values]) });
  } catch (error) {
    if (error instanceof NativeKernelError) tell({ status: error.status });
    else tell({ failure: error instanceof Error ? error.message : String(error) });
  } finally {
    // Copies of this thread's own, of witnesses and blinding.
    for (const value of values) if (value instanceof Uint8Array) value.fill(0);
  }
});
tell({ cancelWord: wasm.ask('cancelWord') });

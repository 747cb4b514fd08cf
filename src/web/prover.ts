import { InternalError } from '../errors.ts';
import type { WasmBuild } from '../kernel/wasm-build.ts';
import type { Proved } from '../pipeline/prove.ts';
import type { Sample } from '../quant/sample.ts';
import type { ProofExpectations, ProofVerdict } from '../verify/check-proof.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { ProofFile } from '../verify/proof-file.ts';
import { type Calls, fromFailure, type Message, type Opened, type Request } from './messages.ts';
import type { OnProgress, ProveInPage } from './session.ts';
import { ProverClosedError } from './web-error.ts';

export interface OpenProverOptions {
  /** By default what the browser says it runs at once in a cross-origin isolated page, and 1 elsewhere. */
  readonly threads?: number;
  /** The directory of vouch-fma.wasm and vouch-simd.wasm, where the bundler does not bring along the package's own. */
  readonly kernels?: string | URL;
  /** The script of the workers, where it is not worker.js beside this module. It must have the page's origin. */
  readonly worker?: string | URL;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface WebProveOptions extends ProveInPage {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A compiled model in a page. All work is done in workers. */
export interface WebProver {
  /** Which build proves: wasm-fma or wasm-simd. */
  readonly kernel: string;
  readonly threads: number;
  /** The model's verification file, for `checkProof` and for showing what is proved. */
  readonly model: ModelFile;
  /** Computes the model on a sample, proves that, and verifies the proof before returning it. */
  prove(sample: Sample, options?: WebProveOptions): Promise<Proved>;
  /** Checks a proof against this model, as `checkProof` does, without blocking the page. */
  verify(proof: ProofFile, expected?: ProofExpectations): Promise<ProofVerdict>;
  /** Ends the workers; what is under way rejects. */
  close(): void;
}

/**
 * Downloads a compiled model with its key and prepares to prove. `model` is the URL of its directory.
 *
 *     const prover = await openProver('/digits.vouch/', { onProgress: (stage, fraction) => show(stage, fraction) });
 *     const { proof } = await prover.prove(new Map([['image', pixels]]));
 *     (await prover.verify(proof)).valid; // true
 *     prover.close();
 */
export async function openProver(model: string | URL, options: OpenProverOptions = {}): Promise<WebProver> {
  const { threads = possibleThreads(), signal, onProgress } = options;
  signal?.throwIfAborted();
  const line = connect(startWorker(options.worker));
  try {
    const input = { model: directoryOf(model).href, kernels: kernelsIn(options.kernels), threads };
    const opened = await line.call({ name: 'open', input }, { signal, onProgress, cancel: () => line.end() });
    return proverOf(line, opened, threads);
  } catch (error) {
    line.end();
    throw error;
  }
}

function proverOf(line: Line, { kernel, file, cancel }: Opened, threads: number): WebProver {
  const word = cancel === undefined ? undefined : new Int32Array(cancel.memory.buffer, cancel.word, 1);
  const setCancelled = (value: number): void => {
    if (word !== undefined) Atomics.store(word, 0, value);
  };
  return {
    kernel,
    threads,
    model: file,
    prove: (sample, { signal, onProgress, ...options } = {}) =>
      line.call(
        { name: 'prove', input: { sample, options } },
        { signal, onProgress, begin: () => setCancelled(0), cancel: () => setCancelled(1) },
      ),
    verify: (proof, expected = {}) => line.call({ name: 'verify', input: { proof, expected } }),
    close: () => line.end(),
  };
}

function directoryOf(url: string | URL): URL {
  const directory = new URL(url, location.href);
  if (!directory.pathname.endsWith('/')) directory.pathname += '/';
  return directory;
}

function kernelsIn(directory: string | URL | undefined): Readonly<Record<WasmBuild, string>> {
  const [fma, simd] =
    directory === undefined
      ? [
          // Bundlers look for these expressions, and bring the files along.
          new URL('../../native/prebuilt/wasm32/vouch-fma.wasm', import.meta.url),
          new URL('../../native/prebuilt/wasm32/vouch-simd.wasm', import.meta.url),
        ]
      : ['vouch-fma.wasm', 'vouch-simd.wasm'].map((name) => new URL(name, directoryOf(directory)));
  return { fma: fma.href, simd: simd.href };
}

/** Memory is shared between threads in cross-origin isolated pages only. */
function possibleThreads(): number {
  return crossOriginIsolated === true ? Math.min(navigator.hardwareConcurrency ?? 1, MOST_THREADS) : 1;
}

const MOST_THREADS = 16;

function startWorker(script: string | URL | undefined): Worker {
  if (script !== undefined) return new Worker(script, { type: 'module' });
  // Bundlers look for this expression.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Runs when it is the call's turn, and when it is cancelled after that. */
  readonly begin?: () => void;
  readonly cancel?: () => void;
}

/** A worker that answers one call after the other. */
interface Line {
  call<R extends Request>(request: R, options?: CallOptions): Promise<Calls[R['name']]['output']>;
  end(): void;
}

function connect(worker: Worker): Line {
  let ended: Error | undefined;
  let current: { settle: (message: Message) => void; fail: (error: Error) => void } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const fail = (error: Error) => {
    ended ??= error;
    worker.terminate();
    current?.fail(error);
  };
  // Only worker.ts posts to it.
  worker.addEventListener('message', ({ data }) => current?.settle(data as Message));
  worker.addEventListener('error', ({ message }) =>
    fail(new InternalError(`The worker failed: ${message ?? 'it did not start'}.`)),
  );
  worker.addEventListener('messageerror', () => fail(new InternalError('The worker sent what cannot be read.')));

  const turn = (request: Request, { signal, onProgress, begin, cancel }: CallOptions): Promise<unknown> => {
    if (ended !== undefined) throw ended;
    signal?.throwIfAborted();
    const abort = () => cancel?.();
    return new Promise((resolve, reject) => {
      const settle = (message: Message) => {
        if ('progress' in message) onProgress?.(message.progress.stage, message.progress.fraction);
        else if ('failure' in message) reject(fromFailure(message.failure));
        else if ('result' in message) resolve(message.result);
      };
      current = { settle, fail: reject };
      begin?.();
      signal?.addEventListener('abort', abort, { once: true });
      worker.postMessage(request);
    }).finally(() => {
      // A signal may fire later, when it is the turn of somebody else's call.
      signal?.removeEventListener('abort', abort);
      current = undefined;
    });
  };

  return {
    call(request, options = {}) {
      const mine = last.then(() => turn(request, options));
      last = mine.catch(() => {});
      // A cancelled call ends for the caller at once; the next one waits until the worker is done with it.
      return untilAborted(mine, options.signal) as Promise<never>;
    },
    end: () => fail(new ProverClosedError()),
  };
}

function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InternalError } from '../errors.ts';
import type { CurveCode } from './curve-code.ts';
import { type BaseTask, multiplyBase, POINT_BYTES } from './fixed-base.ts';
import type { WorkerInput, WorkerMessage } from './fixed-base-worker.ts';

export interface MultiplyOptions {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Points finished so far, of all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Below this many points a thread costs more than it saves. */
const POINTS_WORTH_A_THREAD = 2048;

/** Runs the tasks, cut into equal parts, on worker threads; small ones on the calling thread. */
export async function multiplyBases(
  curve: CurveCode,
  tasks: readonly BaseTask[],
  { threads, signal, onProgress }: MultiplyOptions,
): Promise<void> {
  const total = tasks.reduce((sum, { scalars }) => sum + scalars.length / 8, 0);
  let done = 0;
  const onDone = (count: number) => {
    done += count;
    onProgress?.(done, total);
  };
  if (total < POINTS_WORTH_A_THREAD) {
    for (const task of tasks) await multiplyBase(task, curve.code, curve.generators[task.group], onDone);
    return;
  }
  const workers: Worker[] = [];
  try {
    const parts = Array.from({ length: threads }, (_, i) => tasks.map((task) => partOf(task, i, threads)));
    await Promise.all(
      parts.map((part) => {
        const worker = startWorker({ curve, tasks: part });
        workers.push(worker);
        return finished(worker, onDone, signal);
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function partOf({ group, scalars, points }: BaseTask, part: number, parts: number): BaseTask {
  const count = scalars.length / 8;
  const from = Math.floor((count * part) / parts);
  const to = Math.floor((count * (part + 1)) / parts);
  const bytes = POINT_BYTES[group];
  return { group, scalars: scalars.subarray(8 * from, 8 * to), points: points.subarray(bytes * from, bytes * to) };
}

/** In the package the worker is JavaScript; run from the sources, it needs tsx, which must be registered inside it. */
function startWorker(workerData: WorkerInput): Worker {
  const extension = extname(new URL(import.meta.url).pathname);
  const url = new URL(`./fixed-base-worker${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(url, { workerData });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx).href;
  const bootstrap = `import('${api}').then(({ register }) => { register(); return import('${url.href}'); });`;
  return new Worker(bootstrap, { workerData, eval: true });
}

function finished(worker: Worker, onDone: (count: number) => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message === 'finished') resolve();
      else onDone(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', abort);
      reject(new InternalError(`A key worker ended early, with code ${code}.`));
    });
  });
}

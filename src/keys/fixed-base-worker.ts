import { parentPort, workerData } from 'node:worker_threads';
import { InternalError } from '../errors.ts';
import type { CurveCode } from './curve-code.ts';
import { type BaseTask, multiplyBase } from './fixed-base.ts';

/** What a worker is given. */
export interface WorkerInput {
  readonly curve: CurveCode;
  readonly tasks: readonly BaseTask[];
}

/** Points finished since the last message, or that all are; the worker then waits to be terminated. */
export type WorkerMessage = number | 'finished';

if (parentPort === null) throw new InternalError('This module runs in a worker thread.');
const port = parentPort;
const { curve, tasks }: WorkerInput = workerData;
const tell = (message: WorkerMessage) => port.postMessage(message);
// A thread whose event loop runs empty waits for the compiler's tasks of all threads, and one of those can be waiting
// for this thread (nodejs/node#54918): a listener keeps the loop from running empty.
port.on('message', () => {});
for (const task of tasks) {
  await multiplyBase(task, curve.code, curve.generators[task.group], tell);
}
tell('finished');

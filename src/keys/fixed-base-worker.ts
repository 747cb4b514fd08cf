import { parentPort, workerData } from 'node:worker_threads';
import { InternalError } from '../errors.ts';
import type { CurveCode } from './curve-code.ts';
import { type BaseTask, multiplyBase } from './fixed-base.ts';

/** What a worker is given, and the only kind of message it sends: points finished since the last one. */
export interface WorkerInput {
  readonly curve: CurveCode;
  readonly tasks: readonly BaseTask[];
}

if (parentPort === null) throw new InternalError('This module runs in a worker thread.');
const port = parentPort;
const { curve, tasks }: WorkerInput = workerData;
for (const task of tasks) {
  await multiplyBase(task, curve.code, curve.generators[task.group], (count) => port.postMessage(count));
}

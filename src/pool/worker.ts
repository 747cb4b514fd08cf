import { workerData } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { controlOf, markStarted } from './control.ts';
import { createRunner } from './runner.ts';
import type { Job } from './task-module.ts';
import { buffersOf } from './transfer.ts';

export interface ThreadJob extends Job {
  /** Shared with the owner of the thread. */
  readonly control: Int32Array;
  readonly submittedAt: number;
}

const perform = createRunner(workerData);

/** The one function that piscina calls. Arrays of the result are handed over, not copied. */
export async function run({ control, submittedAt, ...job }: ThreadJob): Promise<unknown> {
  const outcome = await perform(job, controlOf(control), () => markStarted(control, submittedAt));
  const handedOver: object = {
    [Piscina.transferableSymbol]: buffersOf(outcome),
    [Piscina.valueSymbol]: outcome,
  };
  // Its types take a Transferable to be one buffer.
  return Piscina.move(handedOver as ArrayBuffer);
}

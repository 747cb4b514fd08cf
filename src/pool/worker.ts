import { workerData } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { InternalError } from '../errors.ts';
import { controlOf } from './control.ts';
import { type Outcome, settle } from './outcome.ts';
import { type Job, loadTasks } from './task-module.ts';
import { buffersOf } from './transfer.ts';

export interface ThreadJob extends Job {
  /** Shared with the owner of the thread. */
  readonly control: Int32Array;
}

// Loading may fail because of the caller's model: every job then says so.
const loading = settle(() => loadTasks(workerData));

/** The one function piscina calls. */
export async function run({ task, input, control }: ThreadJob): Promise<unknown> {
  const loaded = await loading;
  if (!loaded.ok) return loaded;
  const tasks = loaded.value as Awaited<ReturnType<typeof loadTasks>>;
  const outcome = await settle(() => {
    const handler = tasks[task];
    if (handler === undefined) throw new InternalError(`There is no task "${task}".`);
    return handler(input as never, controlOf(control));
  });
  return handedOver(outcome);
}

function handedOver(outcome: Outcome): unknown {
  return Piscina.move({
    [Piscina.transferableSymbol]: buffersOf(outcome),
    [Piscina.valueSymbol]: outcome,
  } as never);
}

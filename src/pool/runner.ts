import { InternalError } from '../errors.ts';
import type { Control } from './control.ts';
import { type Outcome, settle } from './outcome.ts';
import type { Job, TaskModule, WorkerSetup } from './task-module.ts';

/**
 * What runs inside a worker: makes its tasks once, then does one job after the other. Making them may fail because of
 * the caller's model; every job then says so.
 */
export function createRunner({
  module,
  setup,
}: WorkerSetup): (job: Job, control: Control, onStart: () => void) => Promise<Outcome> {
  const loading = settle(async () => {
    const { createTasks }: TaskModule = await import(module);
    return await createTasks(setup);
  });
  return async ({ task, input }, control, onStart) => {
    const loaded = await loading;
    onStart();
    if (!loaded.ok) return loaded;
    return await settle(() => {
      const handler = loaded.value[task];
      if (handler === undefined) throw new InternalError(`There is no task "${task}".`);
      // Task names and inputs are paired by whoever submits the job; messages carry no types.
      return handler(input as never, control);
    });
  };
}

import { controlOf, createControlWords } from './control.ts';
import { type Outcome, settle } from './outcome.ts';
import { type Job, loadTasks, type Tasks, type WorkerSetup } from './task-module.ts';

/** What a child process is told: how to set up, then one job after the other. */
export type ChildRequest =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  | { readonly kind: 'job'; readonly job: Job };

// A process of its own: it can be killed at any moment, and what kernels print does not reach standard output.
let loading: Promise<Outcome> | undefined;
process.on('message', (request: ChildRequest) => {
  if (request.kind === 'setup') loading = settle(() => loadTasks(request.setup));
  else run(request.job).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides, so that it can clean up.
process.on('SIGINT', () => {});

async function run({ task, input }: Job): Promise<Outcome> {
  const loaded = await loading;
  if (loaded?.ok !== true) return loaded ?? { ok: false, error: { name: 'Error', message: 'no setup', stack: '' } };
  const tasks = loaded.value as Tasks;
  return await settle(() => tasks[task](input as never, controlOf(createControlWords())));
}

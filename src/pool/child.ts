import { controlOf, createControlWords } from './control.ts';
import type { Outcome } from './outcome.ts';
import { createRunner } from './runner.ts';
import type { Job, WorkerSetup } from './task-module.ts';

/** What a child process is told: first how to set up, then one job after the other. */
export type ChildRequest =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  | { readonly kind: 'job'; readonly job: Job };

/** What it tells of each job: that it begins, and how it ended. */
export type ChildReply = { readonly kind: 'started' } | { readonly kind: 'ended'; readonly outcome: Outcome };

// A process of its own: it can be killed at any moment, and what kernels print does not reach standard output.
process.once('message', (first: ChildRequest) => {
  if (first.kind !== 'setup') return;
  const perform = createRunner(first.setup);
  process.on('message', async (request: ChildRequest) => {
    if (request.kind !== 'job') return;
    const outcome = await perform(request.job, controlOf(createControlWords()), () => tell({ kind: 'started' }));
    tell({ kind: 'ended', outcome });
  });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides, so that it can clean up.
process.on('SIGINT', () => {});

function tell(reply: ChildReply): void {
  process.send?.(reply);
}

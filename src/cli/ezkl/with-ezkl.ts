import type { Steps } from '../../backend/contract.ts';
import { createEzkl, type EzklBackend, type EzklOptions } from '../../backend/ezkl.ts';
import { type BackendArguments, toCallLimits } from '../backend-options.ts';
import { cancellable } from '../cancel.ts';
import type { Progress } from '../progress.ts';

/** Runs a verb of EZKL's, cancellable, and ends its processes afterwards. */
export function withEzkl<T>(
  given: BackendArguments,
  progress: Progress,
  work: (backend: EzklBackend, steps: Steps) => Promise<T>,
  options: EzklOptions = {},
): Promise<T> {
  return cancellable(async (signal) => {
    const backend = createEzkl({ ...options, ...toCallLimits(given) });
    const onProgress = (stage: string, detail?: string) => progress.stage(stage, detail);
    return work(backend, { signal, onProgress }).finally(() => backend.close());
  });
}

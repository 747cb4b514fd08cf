import type { BackendArguments } from '../backend-options.ts';
import type { Progress } from '../progress.ts';
import { renderDisplayed } from '../render-displayed.ts';
import type { Outcome } from '../run.ts';
import { withEzkl } from './with-ezkl.ts';

/** What of `prove`'s options EZKL has nothing for. */
export const groth16ProveOnly = ['batch', 'opening', 'committed', 'binding', 'kernel', 'workers'];

/** Proves the first sample of a data file. */
export function proveWithEzkl(
  directory: string,
  { input, output, ...options }: BackendArguments & { readonly input: string; readonly output: string },
  progress: Progress,
): Promise<Outcome> {
  return withEzkl(options, progress, async (backend, steps) => {
    const [sample] = await backend.readSamples(directory, input);
    const { modelId, trust, kernel, inputs, outputs } = await backend.prove({ directory, sample, output, ...steps });
    const value = { proof: output, backend: 'ezkl', modelId, trust, kernel, outputs, inputs, peakMb: backend.peakMb() };
    const wrote = `wrote ${output} (${kernel}, trust ${trust})`;
    return { value, text: [...[...outputs, ...inputs].map(renderDisplayed), wrote].join('\n') };
  });
}

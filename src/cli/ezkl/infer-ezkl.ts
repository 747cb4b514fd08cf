import { writeFileAtomically } from '../../write-file.ts';
import type { BackendArguments } from '../backend-options.ts';
import type { Progress } from '../progress.ts';
import { type InferenceRow, renderInferences } from '../render-inferences.ts';
import type { Outcome } from '../run.ts';
import { floatDistance } from './float-distance.ts';
import { withEzkl } from './with-ezkl.ts';

/** EZKL's outputs of every sample, and the float model's beside them where its file is given. */
export function inferWithEzkl(
  directory: string,
  options: BackendArguments & { readonly input: string; readonly output?: string; readonly onnx?: string },
  progress: Progress,
): Promise<Outcome> {
  const { input, output, onnx } = options;
  return withEzkl(options, progress, async (backend, steps) => {
    const samples = await backend.readSamples(directory, input);
    const started = performance.now();
    const { outputs, floats, maxDelta, reference } = await floatDistance(backend, { directory, onnx, samples }, steps);
    const elapsedMs = performance.now() - started;
    const compared = floats.length > 0;
    const rows = outputs.map((values, index): InferenceRow => {
      const float = floats[index];
      return { index, outputs: plain(values), ...(float === undefined ? {} : { float: plain(float) }) };
    });
    const summary = {
      samples: samples.length,
      failed: 0,
      maxDelta,
      float: compared ? reference : null,
      ...(compared ? {} : { notCompared: reference }),
      executor: 'process',
      workers: 1,
      elapsedMs,
      perSecond: (1000 * samples.length) / elapsedMs,
    };
    if (output !== undefined) {
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      await writeFileAtomically(output, [new TextEncoder().encode(lines)]);
    }
    const value = { backend: 'ezkl', ...summary, ...(output === undefined ? { results: rows } : { output }) };
    return { value, text: renderInferences(rows, summary, output) };
  });
}

const plain = (values: ReadonlyMap<string, Float64Array>) =>
  Object.fromEntries([...values].map(([name, list]) => [name, [...list]]));

import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { VouchError } from '../errors.ts';
import { readSamples } from '../pipeline/samples.ts';
import type { BatchItem } from '../pool/in-order.ts';
import type { InferenceResult } from '../pool/inference-tasks.ts';
import { createPool } from '../pool/pool.ts';
import { replaceFile } from '../write-file.ts';
import { renderBatchProgress } from './batch-progress.ts';
import { cancellable } from './cancel.ts';
import { compiledOnnx } from './compiled-onnx.ts';
import { exitCodes } from './output.ts';
import { type PoolArguments, toPoolOptions } from './pool-options.ts';
import type { Progress } from './progress.ts';
import { type InferenceRow, renderInferences, SHOWN_ROWS } from './render-inferences.ts';
import type { Outcome } from './run.ts';

export interface InferArguments extends PoolArguments {
  readonly input: string;
  readonly output?: string;
  readonly onnx?: string;
}

/** Computes every sample in the pool, with the float model beside the proved one where its ONNX file is at hand. */
export async function inferBatch(path: string, options: InferArguments, progress: Progress): Promise<Outcome> {
  progress.stage('open');
  const { onnx, missing } = await compiledOnnx(path, options.onnx);
  const pool = await createPool(path, { ...toPoolOptions(options), ...(onnx === undefined ? {} : { onnx }) });
  try {
    const samples = await readSamples(pool.model, options.input);
    const started = performance.now();
    const rows: InferenceRow[] = [];
    const tally: Tally = { samples: 0, failed: 0, maxDelta: null, float: null };
    await cancellable((signal) =>
      writingRows(options.output, async (write) => {
        for await (const item of pool.inferMany(samples, { signal })) {
          const row = toRow(item);
          count(tally, row);
          // What is written to a file need not be kept, but for what is shown.
          if (options.output === undefined || rows.length < SHOWN_ROWS) rows.push(row);
          await write(row);
          progress.stage('infer', renderBatchProgress(tally.samples, samples.length, performance.now() - started));
        }
      }),
    );
    const elapsedMs = performance.now() - started;
    const { executor, workers } = pool.stats().inference;
    const perSecond = (1000 * tally.samples) / elapsedMs;
    const notCompared = missing === undefined ? {} : { notCompared: missing };
    const summary = { ...tally, ...notCompared, executor, workers, elapsedMs, perSecond };
    const { output } = options;
    return {
      value: { ...summary, ...(output === undefined ? { results: rows.map(published) } : { output }) },
      text: renderInferences(rows, summary, output),
      exitCode: tally.failed > 0 ? exitCodes.failure : exitCodes.success,
    };
  } finally {
    await pool.close();
  }
}

interface Tally {
  samples: number;
  failed: number;
  maxDelta: number | null;
  float: string | null;
}

function count(tally: Tally, { error, maxDelta, runtime }: InferenceRow): void {
  tally.samples++;
  if (error !== undefined) tally.failed++;
  if (maxDelta !== undefined) tally.maxDelta = Math.max(tally.maxDelta ?? 0, maxDelta);
  if (runtime !== undefined) tally.float = runtime;
}

function toRow(item: BatchItem<InferenceResult>): InferenceRow {
  const { index } = item;
  if (!item.ok) {
    const { error } = item;
    if (error instanceof VouchError) {
      return { index, outputs: {}, error: { name: error.name, message: error.message } };
    }
    throw error;
  }
  const { outputs, float } = item.value;
  const plain = (values: ReadonlyMap<string, Float64Array>) =>
    Object.fromEntries([...values].map(([name, tensor]) => [name, [...tensor]]));
  if (float === undefined) return { index, outputs: plain(outputs) };
  const maxDelta = distance(outputs, float.outputs);
  return { index, outputs: plain(outputs), float: plain(float.outputs), maxDelta, runtime: float.runtime };
}

/** Largest distance of an element. An output that is published in another form, as an index say, has none. */
function distance(
  proved: ReadonlyMap<string, Float64Array>,
  float: ReadonlyMap<string, Float64Array>,
): number | undefined {
  let most: number | undefined;
  for (const [name, values] of proved) {
    const reference = float.get(name);
    if (reference?.length !== values.length) continue;
    for (let i = 0; i < values.length; i++) most = Math.max(most ?? 0, Math.abs(values[i] - reference[i]));
  }
  return most;
}

const published = ({ runtime: _, ...row }: InferenceRow): object => row;

/** Lets `work` write rows to a file as they come: a line each, or the elements of one array where it ends in .json. */
async function writingRows(
  path: string | undefined,
  work: (write: (row: InferenceRow) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (path === undefined) return await work(async () => {});
  const array = extname(path).toLowerCase() === '.json';
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      let separator = array ? '[\n' : '';
      await work(async (row) => {
        await file.appendFile(separator + JSON.stringify(published(row)));
        separator = array ? ',\n' : '\n';
      });
      await file.appendFile(array ? `${separator === '[\n' ? '[' : ''}\n]\n` : '\n');
    } finally {
      await file.close();
    }
  });
}

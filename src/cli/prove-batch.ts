import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import { chooseKernel, type KernelName } from '../kernel/choose.ts';
import { readSamples } from '../pipeline/samples.ts';
import { type BatchResult, proveBatch } from '../pool/batch.ts';
import { createPool } from '../pool/pool.ts';
import { proversFor } from '../pool/provers.ts';
import { openModel } from '../store/directory.ts';
import { fileNames } from '../store/file-names.ts';
import { parseBinding } from './arguments.ts';
import { renderBatchProgress } from './batch-progress.ts';
import { cancellable } from './cancel.ts';
import { exitCodes, renderPassedOver } from './output.ts';
import { type PoolArguments, toPoolOptions } from './pool-options.ts';
import type { Progress } from './progress.ts';
import type { Outcome } from './run.ts';
import { formatNumber } from './table.ts';

export interface ProveBatchArguments extends PoolArguments {
  readonly batch: string;
  readonly output: string;
  readonly binding: string;
  readonly kernel?: KernelName;
}

/** Proves every sample of a file into a folder; what is finished there is kept. */
export async function proveFile(path: string, options: ProveBatchArguments, progress: Progress): Promise<Outcome> {
  const binding = parseBinding('--binding', options.binding);
  const { batch, output: folder } = options;
  progress.stage('open');
  // What the pool's processes will choose too.
  const { passedOver } = chooseKernel(options);
  const { workers, ...others } = toPoolOptions(options);
  const model = await openModel(path);
  const samples = await readSamples(model, batch);
  const provers = workers ?? (await chooseProvers(path, samples.length));
  const pool = await createPool(model, {
    workers: provers,
    provers,
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    ...others,
  });
  try {
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    const result = await cancellable(
      (signal) =>
        proveBatch(pool, samples, folder, {
          binding,
          signal,
          onProgress: ({ total, kept, proved, failed }) =>
            progress.stage('prove', renderBatchProgress(kept + proved + failed, total, elapsed(), proved + failed)),
        }),
      'Cancelled; the proofs that are finished stay. The same command proves the rest.',
    );
    const { executor, workers: running } = pool.stats().proving;
    const run = { folder, modelId: pool.modelId, executor, workers: running, elapsedMs: elapsed(), passedOver };
    return outcome(result, run);
  } finally {
    await pool.close();
  }
}

/** A directory without keys is refused by the pool, in its own words. */
async function chooseProvers(path: string, proofs: number): Promise<number> {
  const key = await stat(join(path, fileNames.provingKey)).catch(() => undefined);
  return proversFor({ processors: availableParallelism(), proofs, keyBytes: key?.size ?? 0 });
}

interface Run {
  readonly folder: string;
  readonly modelId: string | undefined;
  readonly executor: string;
  readonly workers: number;
  readonly elapsedMs: number;
  readonly passedOver: readonly string[];
}

function outcome(result: BatchResult, run: Run): Outcome {
  const { folder, executor, workers, elapsedMs, passedOver } = run;
  const { total, kept, proved, failed, kernels } = result;
  const failures = result.failures.map(({ index, error }) => {
    if (!(error instanceof VouchError)) throw error;
    return { index, name: error.name, message: error.message };
  });
  const perMinute = (60_000 * proved) / elapsedMs;
  const many = workers === 1 ? executor : `${executor}es`;
  const text = [
    ...failures.map(({ index, message }) => `sample ${index}: ${message.split('\n')[0]}`),
    `${formatNumber(proved)} of ${formatNumber(total)} samples proved into ${folder}, ${formatNumber(kept)} were there already`,
    ...(proved > 0
      ? [
          `${formatNumber(perMinute)} proofs per minute on ${workers} ${many} (kernel ${kernels.join(', ')})`,
          ...renderPassedOver(passedOver),
        ]
      : []),
    ...(failed > 0 ? [`${formatNumber(failed)} could not be proved`] : []),
  ].join('\n');
  return {
    value: { ...run, total, kept, proved, failed, failures, kernels, perMinute },
    text,
    exitCode: failed > 0 ? exitCodes.failure : exitCodes.success,
  };
}

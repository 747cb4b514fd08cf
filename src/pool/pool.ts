import { availableParallelism } from 'node:os';
import { VouchError } from '../errors.ts';
import type { KernelName } from '../kernel/choose.ts';
import type { Model } from '../model/model.ts';
import type { Proved } from '../pipeline/prove.ts';
import type { Sample } from '../quant/sample.ts';
import type { OpenedModel } from '../store/directory.ts';
import type { Hex32 } from '../verify/json.ts';
import { modelIdOf } from '../verify/model-core.ts';
import type { ModelFile } from '../verify/model-file.ts';
import { decodeProofFile } from '../verify/proof-file.ts';
import { type BatchItem, inOrder, type Source } from './in-order.ts';
import type { InferenceResult, InferenceSetup, SolvedWitness, WitnessInput } from './inference-tasks.ts';
import type { SharedModel } from './opening-tasks.ts';
import { createProcesses } from './processes.ts';
import type { KeySource, ProofInput } from './proving-tasks.ts';
import { createQueue, PoolClosedError, type Queue, type QueueStats } from './queue.ts';
import { siblingUrl } from './task-module.ts';
import { createThreads } from './threads.ts';
import { copySample, shareArrays } from './transfer.ts';

export interface PoolOptions {
  /** Threads for inference and witnesses; one per processor when absent. */
  readonly workers?: number;
  /** Processes for proofs, which share the processors between them; one when absent. */
  readonly provers?: number;
  /** What proves; when absent, the fastest that works here. */
  readonly kernel?: KernelName;
  /** Tasks of either kind that may wait beside those that run; twice the workers when absent. */
  readonly maxQueued?: number;
  /** Longest that a task may run once its worker is set up, in milliseconds; ten minutes when absent. */
  readonly timeoutMs?: number;
  /** Limit of each thread's JavaScript heap; 1024 MB when absent. */
  readonly workerMemoryMb?: number;
  /** Limit of each proving process's resident memory; 8192 MB when absent. */
  readonly proverMemoryMb?: number;
  /** The model's ONNX file: inferences then carry what onnxruntime computes. Refused if it is not the compiled one. */
  readonly onnx?: string;
  /** Keys of a model that is not in a directory of its own. */
  readonly keys?: { readonly provingKey: string; readonly file: ModelFile };
}

export interface TaskOptions {
  readonly signal?: AbortSignal;
}

export interface ProofRequest {
  readonly sample: Sample;
  /** The proof holds for this number and no other; below the field's modulus. */
  readonly binding?: bigint;
}

export interface PoolStats {
  readonly inference: QueueStats;
  readonly proving: QueueStats;
}

/** A compiled model in threads and processes of its own. Nothing here blocks the calling thread. */
export interface Pool {
  /** Its arrays lie in memory that all threads read: nobody may write to them. */
  readonly model: Model;
  /** Of a model with keys. */
  readonly modelId: Hex32 | undefined;
  /** Waits for a place when the queue is full. Rejects with the signal's reason when that is aborted. */
  infer(sample: Sample, options?: TaskOptions): Promise<InferenceResult>;
  /** Results in the order of the samples; samples are read no faster than they are computed. */
  inferMany(
    samples: Source<Sample>,
    options?: TaskOptions,
  ): AsyncGenerator<BatchItem<InferenceResult>, void, undefined>;
  prove(request: ProofRequest, options?: TaskOptions): Promise<Proved>;
  proveMany(requests: Source<ProofRequest>, options?: TaskOptions): AsyncGenerator<BatchItem<Proved>, void, undefined>;
  stats(): PoolStats;
  /** Takes no more tasks, waits for those it has and ends all workers. */
  close(): Promise<void>;
}

/**
 * Puts a compiled model, by its directory or opened, into a pool. Threads share one copy of its arrays.
 *
 *     const pool = await createPool('model.vouch', { onnx: 'model.onnx' });
 *     const { outputs, float } = await pool.infer(sample);
 *     for await (const item of pool.proveMany(samples.map((sample) => ({ sample })))) {
 *       if (item.ok) await writeFile(`proof-${item.index}.json`, encodeProofFile(item.value.proof));
 *     }
 *     await pool.close();
 */
export async function createPool(source: string | Model | OpenedModel, options: PoolOptions = {}): Promise<Pool> {
  const workers = count('workers', options.workers ?? availableParallelism());
  const provers = count('provers', options.provers ?? 1);
  const { maxQueued = 2 * workers, timeoutMs = 600_000, workerMemoryMb = 1024, proverMemoryMb = 8192 } = options;
  const { model, keys } = await open(source, options);
  const setup: InferenceSetup = { model, onnx: options.onnx };
  const threads = Math.max(1, Math.floor(availableParallelism() / provers));
  const provingSetup = { keys, kernel: options.kernel, threads };
  const limits = { maxQueued, timeoutMs };
  const inference = createQueue(
    createThreads({ module: siblingUrl('inference-tasks'), setup, slots: workers, memoryMb: workerMemoryMb }),
    limits,
  );
  const proving = createQueue(
    createProcesses({
      module: siblingUrl('proving-tasks'),
      setup: provingSetup,
      slots: provers,
      memoryMb: proverMemoryMb,
    }),
    limits,
  );
  const proofs = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const infer: Pool['infer'] = async (sample, { signal } = {}) => {
    return (await ask(inference, 'infer', copySample(sample), signal)) as InferenceResult;
  };
  const prove: Pool['prove'] = ({ sample, binding = 0n }, { signal } = {}) => {
    if (closing !== undefined) return Promise.reject(new PoolClosedError());
    if (keys === undefined) return Promise.reject(new NoProvingKeyError());
    const proof = proveSample({ sample: copySample(sample), binding }, signal);
    proofs.add(proof);
    proof.finally(() => proofs.delete(proof)).catch(() => {});
    return proof;
  };

  /** The witness is solved in a thread that shares the model; only its wires travel to the process that proves. */
  async function proveSample(input: WitnessInput, signal: AbortSignal | undefined): Promise<Proved> {
    const { witness, openings } = (await ask(inference, 'witness', input, signal)) as SolvedWitness;
    const job: ProofInput = { witness, binding: input.binding };
    return { proof: decodeProofFile((await ask(proving, 'prove', job, signal)) as string), openings };
  }

  return {
    model,
    modelId: keys === undefined ? undefined : 'path' in keys ? keys.manifest.keys?.modelId : modelIdOf(keys.file.core),
    infer,
    inferMany: (samples, { signal } = {}) =>
      inOrder(samples, (sample, stop) => infer(sample, { signal: stop }), { window: workers + maxQueued, signal }),
    prove,
    proveMany: (requests, { signal } = {}) =>
      inOrder(requests, (request, stop) => prove(request, { signal: stop }), { window: 2 * provers + 1, signal }),
    stats: () => ({ inference: inference.stats(), proving: proving.stats() }),
    close() {
      closing ??= (async () => {
        await Promise.allSettled(proofs);
        await Promise.all([inference.close(), proving.close()]);
      })();
      return closing;
    },
  };
}

async function ask(queue: Queue, task: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  const { result } = await queue.submit({ task, input }, { signal });
  return await result;
}

async function open(
  source: string | Model | OpenedModel,
  { keys }: PoolOptions,
): Promise<{ model: Model; keys: KeySource | undefined }> {
  if (typeof source === 'string') {
    const { model, path, manifest } = await openShared(source);
    return { model, keys: keys ?? (manifest.keys === undefined ? undefined : { path, manifest }) };
  }
  const { quantised, ranges, circuit, layout, digests } = source;
  const model = shareArrays({ quantised, ranges, circuit, layout, digests });
  if (keys !== undefined || !('manifest' in source)) return { model, keys };
  const { path, manifest } = source;
  return { model, keys: manifest.keys === undefined ? undefined : { path, manifest } };
}

async function openShared(path: string): Promise<SharedModel> {
  const opener = createThreads({ module: siblingUrl('opening-tasks'), setup: undefined, slots: 1, memoryMb: 4096 });
  try {
    return (await opener.start({ task: 'open', input: path }).done) as SharedModel;
  } finally {
    await opener.close();
  }
}

function count(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 256) return value;
  throw new VouchError(`${option} is ${value}`, { metaMessages: ['expected a whole number from 1 to 256'] });
}

/** The pool was made of a model without keys. */
export class NoProvingKeyError extends VouchError {
  override readonly name = 'Pool.NoProvingKeyError';

  constructor() {
    super('The pool has no proving key.', {
      metaMessages: ['Give it a directory that setup has made keys for, or the option "keys".'],
    });
  }
}

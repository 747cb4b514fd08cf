import { VouchError } from '../errors.ts';
import type { ProofJob, Prover } from '../evm/node/work.ts';
import { HiddenInputError, requestedSample, UnreadableRequestError } from '../model/request-input.ts';
import { createPool, type Pool, type PoolOptions } from '../pool/pool.ts';
import { openKeys, openModel } from '../store/directory.ts';
import type { Hex32 } from '../verify/json.ts';
import { bindingIndex, type Layout } from '../verify/layout.ts';
import { modelIdOf } from '../verify/model-core.ts';
import type { ModelFile } from '../verify/model-file.ts';

/** Compiled models that answer requests, each in a pool of its own. */
export interface ModelProver {
  readonly models: ReadonlyMap<Hex32, ModelFile>;
  readonly prove: Prover;
  /** Whether the request's model is one of these and its signals are a sample's. */
  accepts(request: Pick<ProofJob, 'modelId' | 'input'>): boolean;
  /** Waits for proofs under way and ends all workers. */
  close(): Promise<void>;
}

/**
 * Opens model directories as `watch` needs them. Every input must be public: a request holds nothing else.
 *
 *     const prover = await createProver(['model.vouch']);
 *     const { prove, accepts } = prover;
 *     await watch(sender, { hub, modelIds: [...prover.models.keys()], prove, accepts, statePath: 'watch.json' });
 *     await prover.close();
 */
export async function createProver(paths: readonly string[], options: PoolOptions = {}): Promise<ModelProver> {
  const pools = new Map<string, { readonly pool: Pool; readonly file: ModelFile }>();
  const models = new Map<Hex32, ModelFile>();
  const close = async (): Promise<void> => {
    await Promise.all([...pools.values()].map(({ pool }) => pool.close()));
  };
  try {
    for (const path of paths) {
      const model = await openModel(path);
      const { file } = await openKeys(model);
      const hidden = file.layout.inputs.find(({ visibility }) => visibility !== 'public');
      if (hidden !== undefined) throw new HiddenInputError(hidden.name, hidden.visibility);
      const modelId = modelIdOf(file.core);
      models.set(modelId, file);
      pools.set(modelId, { pool: await createPool(model, { workers: 1, ...options }), file });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    models,
    close,
    accepts({ modelId, input }) {
      const found = pools.get(modelId);
      return found !== undefined && isReadable(found.file.layout, input);
    },
    async prove({ modelId, input, binding }, { signal }) {
      const found = pools.get(modelId);
      if (found === undefined) throw new UnservedModelError(modelId);
      const { layout } = found.file;
      const sample = requestedSample(layout, input);
      const {
        proof: { proof, publicSignals },
      } = await found.pool.prove({ sample, binding }, { signal });
      const at = bindingIndex(layout);
      const shown = publicSignals.slice(at);
      if (shown.some((signal, i) => signal !== [binding, ...input][i])) throw new OtherInputError();
      return { output: publicSignals.slice(0, at), proof };
    },
  };
}

function isReadable(layout: Layout, input: readonly bigint[]): boolean {
  try {
    requestedSample(layout, input);
    return true;
  } catch (error) {
    if (error instanceof UnreadableRequestError) return false;
    throw error;
  }
}

/** A request of a model that was not opened here. */
export class UnservedModelError extends VouchError {
  override readonly name = 'UnservedModelError';

  constructor(modelId: string) {
    super(`Model ${modelId} is not served here.`);
  }
}

/** The requested integers do not come back from the numbers that they stand for. */
export class OtherInputError extends VouchError {
  override readonly name = 'OtherInputError';

  constructor() {
    super('The request holds an input that no sample quantises to.');
  }
}

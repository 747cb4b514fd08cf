import { type Inspection, type InspectOptions, inspect } from '../inspect/inspect.ts';
import { assemble } from '../model/assemble.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../store/recipe.ts';
import { keccak, verifyingKeyDigest } from '../verify/evm-words.ts';
import { encodeLayout } from '../verify/layout.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { TrustLevel, VerifyingKey } from '../verify/types.ts';
import { recipeOf } from './recompile.ts';

/** A model just compiled, with the report of how that was done and what it takes to repeat it. */
export interface CompiledModel extends Model, Inspection {
  readonly recipe: Recipe;
}

/** ONNX file → graph → integers → constraints. The same file and options give the same circuit. */
export async function compile(path: string, options: InspectOptions = {}): Promise<CompiledModel> {
  const inspection = await inspect(path, options);
  options.onProgress?.('lower');
  const model = assemble(inspection.result.model, inspection.report.model);
  return { ...inspection, ...model, recipe: recipeOf(inspection, options.dims) };
}

/** Ties a verifying key to the model it was made for. */
export function modelFile({ layout, digests }: Model, verifyingKey: VerifyingKey, trust: TrustLevel): ModelFile {
  const core = {
    onnxDigest: digests.onnx,
    externalDataDigest: digests.externalData,
    quantisedDigest: digests.quantised,
    r1csDigest: digests.r1cs,
    layoutDigest: keccak(encodeLayout(layout)),
    vkDigest: verifyingKeyDigest(verifyingKey),
    trust,
  };
  return { core, layout, verifyingKey };
}

/** The bytes of a key that was made in memory. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

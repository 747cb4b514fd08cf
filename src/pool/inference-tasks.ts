import type { FieldVector } from '../field/vector.ts';
import type { Model } from '../model.ts';
import { infer, solveWitness } from '../pipeline.ts';
import type { Sample } from '../quant/sample.ts';
import type { FloatRuntime } from '../runtime/onnxruntime.ts';
import { openReference } from './reference.ts';
import type { Tasks } from './task-module.ts';

/** What threads that compute a model are set up with. */
export interface InferenceSetup {
  /** Its arrays lie in shared memory. */
  readonly model: Model;
  /** Path of the ONNX file, where there is one to compare with. */
  readonly onnx?: string | undefined;
}

export interface InferenceResult {
  readonly outputs: ReadonlyMap<string, Float64Array>;
  /** The same outputs as onnxruntime computes them, where the pool has the ONNX file. */
  readonly float?: ReadonlyMap<string, Float64Array>;
}

export interface WitnessInput {
  readonly sample: Sample;
  readonly binding: bigint;
}

/** Exact and float inference, and witnesses: everything before a proof, over one shared model. */
export function createTasks({ model, onnx }: InferenceSetup): Tasks {
  let runtime: Promise<FloatRuntime> | undefined;
  return {
    async infer(sample: Sample, control): Promise<InferenceResult> {
      control.check();
      const { outputs } = infer(model, sample);
      if (onnx === undefined) return { outputs };
      const float = await control.native(async () => {
        runtime ??= openReference(onnx, model);
        return await (await runtime).run(sample);
      });
      return { outputs, float };
    },
    witness({ sample, binding }: WitnessInput, control): FieldVector {
      control.check();
      const inference = infer(model, sample);
      control.check();
      return solveWitness(model, inference, binding);
    },
  };
}

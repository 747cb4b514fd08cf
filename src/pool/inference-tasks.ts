import type { FieldVector } from '../field/vector.ts';
import type { Model } from '../model/model.ts';
import { openingsOf } from '../model/openings.ts';
import { infer, solveWitness } from '../pipeline/prove.ts';
import type { Sample } from '../quant/sample.ts';
import type { FloatRuntime } from '../runtime/onnxruntime.ts';
import type { Opening } from '../verify/opening.ts';
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
  /** The outputs of the float model, where the pool has its ONNX file. */
  readonly float?: FloatResult;
}

export interface FloatResult {
  readonly outputs: ReadonlyMap<string, Float64Array>;
  /** Version and settings of onnxruntime. */
  readonly runtime: string;
}

export interface WitnessInput {
  readonly sample: Sample;
  readonly binding: bigint;
}

export interface SolvedWitness {
  readonly witness: FieldVector;
  readonly openings: readonly Opening[];
}

/** Exact and float inference, and witnesses: everything before a proof, over one shared model. */
export function createTasks({ model, onnx }: InferenceSetup): Tasks {
  let reference: Promise<FloatRuntime> | undefined;
  return {
    async infer(sample: Sample, control): Promise<InferenceResult> {
      control.check();
      const { outputs } = infer(model, sample);
      if (onnx === undefined) return { outputs };
      const float = await control.native(async () => {
        reference ??= openReference(onnx, model);
        const runtime = await reference;
        return { outputs: await runtime.run(sample), runtime: runtime.description };
      });
      return { outputs, float };
    },
    witness({ sample, binding }: WitnessInput, control): SolvedWitness {
      control.check();
      const inference = infer(model, sample);
      control.check();
      const witness = solveWitness(model, inference, binding);
      return { witness, openings: openingsOf(model, inference.values, witness) };
    },
  };
}

import { type Scalar, toScalar } from './field/bn254.ts';
import { type Inspection, type InspectOptions, inspect } from './inspect/inspect.ts';
import type { Kernel } from './kernel/contract.ts';
import { createDevelopmentKey, type DevelopmentKey, type DevelopmentKeyOptions } from './keys/dev.ts';
import { type ProvedWitness, proveGroth16 } from './prove/groth16.ts';
import type { Sample } from './quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from './quant/interpret.ts';
import { type Circuit, lower } from './r1cs/lower.ts';
import { verifyGroth16 } from './verify/groth16.ts';
import type { VerifyingKey } from './verify/types.ts';
import { solve } from './witness/solve.ts';

/** A model turned into a circuit, with the report of how that was done. */
export interface CompiledModel extends Inspection {
  readonly circuit: Circuit;
}

/** ONNX file → graph → integers → constraints. */
export async function compile(path: string, options: InspectOptions = {}): Promise<CompiledModel> {
  const inspection = await inspect(path, options);
  const { graph, ranges } = inspection.result.model;
  options.onProgress?.('lower');
  return { ...inspection, circuit: lower(graph, ranges) };
}

/** Keys of trust level `insecure-dev`: whoever runs this can forge proofs for the model. */
export function setup({ circuit }: CompiledModel, options: DevelopmentKeyOptions = {}): Promise<DevelopmentKey> {
  return createDevelopmentKey(circuit.system, options);
}

/** One proved inference before its proof: every integer of the model and the outputs they stand for. */
export interface Inference {
  readonly values: readonly Float64Array[];
  readonly outputs: ReadonlyMap<string, Float64Array>;
}

/** Computes the quantised model on one input, exactly as it is proved. */
export function infer({ result }: CompiledModel, input: Sample): Inference {
  const { graph } = result.model;
  const values = interpret(graph, quantiseInputs(graph, input));
  const outputs = new Map(graph.outputs.map(({ name, node }) => [name, toReal(graph.nodes[node], values[node])]));
  return { values, outputs };
}

/** Proves an inference. `binding` is any number below the field's modulus; the proof holds for it alone. */
export function prove(
  { circuit }: CompiledModel,
  { zkey, verifyingKey }: DevelopmentKey,
  { values }: Inference,
  kernel: Kernel,
  binding: bigint = 0n,
): Promise<ProvedWitness> {
  const witness = solve(circuit.hints, values, toScalar(binding));
  return proveGroth16({ kernel, provingKey: joinChunks(zkey), verifyingKey, witness });
}

/** True exactly when the proof holds for these public signals under this key. */
export function verify(key: VerifyingKey, publicSignals: readonly Scalar[], proof: ProvedWitness['proof']): boolean {
  return verifyGroth16(key, publicSignals, proof);
}

function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

import { InternalError } from '../errors.ts';
import { type Scalar, toScalar } from '../field/bn254.ts';
import type { FieldVector } from '../field/vector.ts';
import type { Kernel, ProveRequest } from '../kernel/contract.ts';
import type { Model } from '../model/model.ts';
import { openingsOf, saltsOf } from '../model/openings.ts';
import { proveGroth16 } from '../prove/groth16.ts';
import { interpret, quantiseInputs, toReal } from '../quant/interpret.ts';
import type { Sample } from '../quant/sample.ts';
import { describeUnsatisfied, findUnsatisfied } from '../r1cs/check.ts';
import { toHex32 } from '../verify/check-proof.ts';
import { layoutJson } from '../verify/layout.ts';
import { modelIdOf } from '../verify/model-core.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { Opening } from '../verify/opening.ts';
import type { ProofFile } from '../verify/proof-file.ts';
import { decodeSignals } from '../verify/signals.ts';
import { solve } from '../witness/solve.ts';

/** One inference before its proof: every integer of the model and the outputs they stand for. */
export interface Inference {
  readonly values: readonly Float64Array[];
  readonly outputs: ReadonlyMap<string, Float64Array>;
}

/** Computes the quantised model on one input, exactly as it is proved. */
export function infer({ quantised }: Model, input: Sample): Inference {
  const values = interpret(quantised, quantiseInputs(quantised, input));
  const outputs = new Map(
    quantised.outputs.map(({ name, node }) => [name, toReal(quantised.nodes[node], values[node])]),
  );
  return { values, outputs };
}

export interface ProveOptions extends Pick<ProveRequest, 'signal' | 'onProgress'> {
  readonly kernel: Kernel;
  /** Path or bytes of the proving key. */
  readonly provingKey: string | Uint8Array;
  /** The proof holds for this number and no other; below the field's modulus. */
  readonly binding?: bigint;
  /** Commitments to inputs that were made before, by `commitInputs`; what else is hashed gets a fresh salt. */
  readonly openings?: readonly Opening[];
}

/** A proof, and what opens the commitments that it publishes. The openings are secrets: they hold the hashed tensors. */
export interface Proved {
  readonly proof: ProofFile;
  readonly openings: readonly Opening[];
}

/**
 * Proves an inference: solves its witness, and proves that. Every proof is verified, so the witness is looked at only
 * where that fails, to name the constraint: a defect of ours never leaves as a proof.
 */
export async function prove(
  model: Model,
  file: ModelFile,
  inference: Inference,
  options: ProveOptions,
): Promise<Proved> {
  const witness = solveUnchecked(model, inference, options);
  const proof = await proveWitness(file, witness, options).catch((cause: unknown) => {
    checkWitness(model, witness, cause);
    throw cause;
  });
  return { proof, openings: openingsOf(model, inference.values, witness) };
}

/** The wires of an inference, with fresh salts. They are checked: who proves them need not have the model. */
export function solveWitness(model: Model, inference: Inference, binding = 0n): FieldVector {
  const witness = solveUnchecked(model, inference, { binding });
  checkWitness(model, witness);
  return witness;
}

function solveUnchecked(
  model: Model,
  { values }: Inference,
  { binding = 0n, openings = [] }: Pick<ProveOptions, 'binding' | 'openings'>,
): FieldVector {
  return solve(model.circuit.hints, values, toScalar(binding), saltsOf(model, values, openings));
}

/** Throws, with the ONNX node, where a constraint does not hold. */
function checkWitness({ circuit }: Model, witness: FieldVector, cause?: unknown): void {
  const unsatisfied = findUnsatisfied(circuit.system, witness);
  if (unsatisfied !== undefined) throw new InternalError(describeUnsatisfied(unsatisfied), { cause });
}

/** Proves a solved witness. Needs the keys only: the process that runs this need not hold the model. */
export async function proveWitness(
  { core, layout, verifyingKey }: ModelFile,
  witness: FieldVector,
  { kernel, provingKey, signal, onProgress }: ProveOptions,
): Promise<ProofFile> {
  const proved = await proveGroth16({ kernel, provingKey, verifyingKey, witness, signal, onProgress });
  const shown = decodeSignals(layout, proved.publicSignals);
  if (shown === undefined) throw new InternalError('the proved signals do not decode');
  return {
    modelId: modelIdOf(core),
    vkDigest: core.vkDigest,
    trust: core.trust,
    backend: 'groth16',
    kernel: proved.kernel,
    publicSignals: proved.publicSignals as readonly Scalar[],
    proof: proved.proof,
    layout: layoutJson(layout),
    outputs: shown.outputs,
    inputs: shown.inputs,
    binding: toHex32(shown.binding),
  };
}

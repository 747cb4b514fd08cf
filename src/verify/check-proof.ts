import { VouchError } from '../errors.ts';
import { toScalar } from '../field/bn254.ts';
import { checkInputs, type ExpectedInputs } from './check-inputs.ts';
import { checkOpenings, type OpenedTensor } from './check-opening.ts';
import { keccak, verifyingKeyDigest } from './evm-words.ts';
import { verifyGroth16 } from './groth16.ts';
import type { Hex32 } from './json.ts';
import { encodeLayout, layoutJson, signalCount } from './layout.ts';
import { modelIdOf } from './model-core.ts';
import type { ModelFile } from './model-file.ts';
import type { OpeningFile } from './opening.ts';
import type { DisplayedInput, DisplayedOutput, ProofFile } from './proof-file.ts';
import { type DecodedSignals, decodeSignals } from './signals.ts';
import type { TrustLevel } from './types.ts';

/** What the verifier insists on beside the proof itself. */
export interface ProofExpectations {
  readonly modelId?: Hex32;
  readonly binding?: Hex32;
  /** Reals that inputs must have been, by name: compared as integers, where inputs are public or opened. */
  readonly inputs?: ExpectedInputs;
  /** Openings of hashed tensors, which must open what the proof commits to. */
  readonly opening?: OpeningFile;
}

export interface ProofVerdict {
  readonly valid: boolean;
  /** Why it is not valid; empty when it is. */
  readonly reasons: readonly string[];
  readonly modelId: Hex32;
  readonly trust: TrustLevel;
  readonly outputs: readonly DisplayedOutput[];
  readonly inputs: readonly DisplayedInput[];
  readonly binding: Hex32;
  /** Hashed tensors that the opening showed. */
  readonly opened: readonly OpenedTensor[];
  /** What nobody asked to be a certain value, and what it was. */
  readonly unpinned: readonly string[];
}

/**
 * Whether a proof file shows what it displays under a model's verification file. Recomputes the model's id and every
 * displayed number from the signals. A verification file that contradicts itself is an error, a wrong proof is not.
 */
export function checkProof(file: ProofFile, model: ModelFile, expected: ProofExpectations = {}): ProofVerdict {
  const modelId = checkModelFile(model);
  const reasons: string[] = [];
  const require = (holds: boolean, reason: string): void => {
    if (!holds) reasons.push(reason);
  };
  require(file.modelId === modelId, `the proof names model ${file.modelId}, the verification file is of ${modelId}`);
  require(file.vkDigest === model.core.vkDigest, 'the proof names another verifying key');
  require(file.trust ===
    model.core.trust, `the proof claims trust level "${file.trust}", the key has "${model.core.trust}"`);
  require(sameJson(file.layout, layoutJson(model.layout)), 'the proof shows another layout than the model has');
  const count = signalCount(model.layout);
  require(file.publicSignals.length === count, `${file.publicSignals.length} public signals, the model has ${count}`);
  const decoded = decodeSignals(model.layout, file.publicSignals);
  require(decoded !== undefined, 'the signals hold a value outside the bounds of a tensor');
  const shown = decoded ?? nothing;
  const { outputs, inputs } = shown;
  require(sameJson(outputs, file.outputs), 'the proof displays other outputs than its signals hold');
  require(sameJson(inputs, file.inputs), 'the proof displays other inputs than its signals hold');
  const binding = toHex32(shown.binding);
  require(file.binding === binding, 'the proof displays another binding than its signals hold');
  require(expected.modelId === undefined || expected.modelId === modelId, `expected model ${expected.modelId}`);
  require(expected.binding === undefined || expected.binding === binding, `expected binding ${expected.binding}`);
  const { opening } = expected;
  require(opening === undefined ||
    opening.modelId === modelId, `the opening is for model ${opening?.modelId}, the proof is of ${modelId}`);
  const { opened, reasons: unopened } = checkOpenings(model.layout, shown, opening?.tensors ?? []);
  const { reasons: others, unpinned } = checkInputs(model.layout.inputs, inputs, opened, expected.inputs ?? new Map());
  reasons.push(...unopened, ...others);
  const proves = reasons.length === 0 && verifyGroth16(model.verifyingKey, file.publicSignals, file.proof);
  if (reasons.length === 0) require(proves, 'the proof does not hold for these signals');
  return {
    valid: proves,
    reasons,
    modelId,
    trust: model.core.trust,
    outputs,
    inputs,
    binding,
    opened,
    unpinned: [
      ...(expected.modelId === undefined ? [`model ${modelId}`] : []),
      ...(expected.binding === undefined ? [`binding ${binding}`] : []),
      ...unpinned,
    ],
  };
}

/** What signals say that do not decode. */
const nothing: DecodedSignals = { outputs: [], binding: toScalar(0), inputs: [] };

/** The model's id, once layout and key are what its core says. */
function checkModelFile({ core, layout, verifyingKey }: ModelFile): Hex32 {
  const layoutDigest = keccak(encodeLayout(layout));
  if (layoutDigest !== core.layoutDigest) throw new ModelFileError('layout', core.layoutDigest, layoutDigest);
  const vkDigest = verifyingKeyDigest(verifyingKey);
  if (vkDigest !== core.vkDigest) throw new ModelFileError('verifying key', core.vkDigest, vkDigest);
  return modelIdOf(core);
}

export function toHex32(value: bigint): Hex32 {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function sameJson(a: unknown, b: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, v: unknown) => {
      if (typeof v === 'bigint') return v.toString();
      if (typeof v !== 'object' || v === null || Array.isArray(v)) return v;
      return Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1)));
    });
  return text(a) === text(b);
}

/** The verification file holds something else than its own core says. */
export class ModelFileError extends VouchError {
  override readonly name = 'Verify.ModelFileError';
  constructor(what: string, expected: Hex32, got: Hex32) {
    super(`the verification file holds another ${what} than its core names`, {
      metaMessages: [`expected digest ${expected}`, `got digest ${got}`, 'Get the file again from its source.'],
    });
  }
}

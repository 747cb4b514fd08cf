import type { Sample } from '../quant/sample.ts';
import type { Visibility } from '../tensor/visibility.ts';
import type { Hex32 } from '../verify/json.ts';
import type { DisplayedInput, DisplayedOutput } from '../verify/proof-file.ts';
import type { TrustLevel } from '../verify/types.ts';

export const backendNames = ['groth16', 'ezkl'] as const;
export type BackendName = (typeof backendNames)[number];

/** What every verb takes beside its request. */
export interface Steps {
  /** Ends the work; nothing half-written is left and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, detail?: string) => void) | undefined;
}

export interface CompileRequest extends Steps {
  readonly onnx: string;
  /** The directory to write. */
  readonly directory: string;
  readonly dims?: Readonly<Record<string, number>>;
  /** Inputs are private and outputs public where nothing is said; weights are always fixed. */
  readonly visibility?: Visibility;
  /** A data file; samples are drawn within each input's assumed bounds where there is none. */
  readonly calibrate?: string | undefined;
}

export interface Compiled {
  /** Constraints of Groth16, filled rows of EZKL: work of the prover either way, in different units. */
  readonly rows: number;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface SetupRequest extends Steps {
  readonly directory: string;
}

export interface Keys {
  readonly modelId: Hex32;
  readonly trust: TrustLevel;
}

export interface ProveRequest extends Steps {
  readonly directory: string;
  readonly sample: Sample;
  /** The proof file to write. */
  readonly output: string;
}

export interface ProvedFile extends Keys {
  readonly kernel: string;
  readonly inputs: readonly DisplayedInput[];
  readonly outputs: readonly DisplayedOutput[];
}

export interface VerifyRequest extends Steps {
  readonly directory: string;
  /** A proof file. */
  readonly proof: string;
}

export interface Verdict extends Keys {
  readonly valid: boolean;
  /** Why it is not. */
  readonly reasons: readonly string[];
  /** What the proof shows, where it is valid. */
  readonly inputs: readonly DisplayedInput[];
  readonly outputs: readonly DisplayedOutput[];
}

/** The five verbs, over files: a model directory and proof files, whichever prover made them. */
export interface Backend {
  readonly name: BackendName;
  compile(request: CompileRequest): Promise<Compiled>;
  setup(request: SetupRequest): Promise<Keys>;
  prove(request: ProveRequest): Promise<ProvedFile>;
  /** False for a wrong proof; rejects for a malformed one. */
  verify(request: VerifyRequest): Promise<Verdict>;
  /** What the model's contract on chain is called with, in hex with 0x. */
  calldata(request: VerifyRequest): Promise<string>;
  /** The outputs of samples as they are proved, as reals, without proving them. */
  infer(request: InferRequest): Promise<ReadonlyMap<string, Float64Array>[]>;
  /** Samples for a model directory from a data file. */
  readSamples(directory: string, path: string): Promise<Sample[]>;
  /** Ends every process that it started. */
  close(): Promise<void>;
}

export interface InferRequest extends Steps {
  readonly directory: string;
  readonly samples: readonly Sample[];
}

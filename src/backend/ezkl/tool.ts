import { VouchError } from '../../errors.ts';
import { type CallOptions, OutOfMemoryError, saysNoMemory } from './supervise.ts';

/** What EZKL is asked for, by the names of its Python interface; every path is absolute. */
export interface EzklCalls {
  gen_settings: { readonly model: string; readonly output: string; readonly py_run_args: RunArguments };
  calibrate_settings: {
    readonly data: string;
    readonly model: string;
    readonly settings: string;
    readonly target: CalibrationTarget;
    readonly lookup_safety_margin: number;
    readonly scales: null;
    readonly scale_rebase_multiplier: readonly number[];
    readonly max_logrows: number | null;
  };
  compile_circuit: { readonly model: string; readonly compiled_circuit: string; readonly settings_path: string };
  gen_srs: { readonly srs_path: string; readonly logrows: number };
  setup: {
    readonly model: string;
    readonly vk_path: string;
    readonly pk_path: string;
    readonly srs_path: string;
    readonly witness_path: null;
    readonly disable_selector_compression: boolean;
  };
  gen_witness: {
    readonly data: string;
    readonly model: string;
    readonly output: string;
    readonly vk_path: null;
    readonly srs_path: null;
  };
  prove: {
    readonly witness: string;
    readonly model: string;
    readonly pk_path: string;
    readonly proof_path: string;
    readonly srs_path: string;
  };
  verify: {
    readonly proof_path: string;
    readonly settings_path: string;
    readonly vk_path: string;
    readonly srs_path: string;
    readonly reduced_srs: boolean;
  };
  create_evm_verifier: {
    readonly vk_path: string;
    readonly settings_path: string;
    readonly sol_code_path: string;
    readonly abi_path: string;
    readonly srs_path: string;
    readonly reusable: boolean;
  };
}

export type CallName = keyof EzklCalls;

/** How a calibration weighs rows against error. */
export const calibrationTargets = ['resources', 'accuracy'] as const;
export type CalibrationTarget = (typeof calibrationTargets)[number];

export interface RunArguments {
  readonly input_visibility: EzklVisibility;
  readonly param_visibility: 'fixed';
  readonly output_visibility: EzklVisibility;
}

export type EzklVisibility = 'private' | 'public' | 'hashed';

/** A native EZKL, whichever way it is reached. It takes one call at a time. */
export interface EzklTool {
  readonly kind: 'binary' | 'wheel';
  readonly version: string;
  /** The program or the Python that holds the wheel. */
  readonly path: string;
  /** What the call answers: a boolean, or null. What it computes lies in the files it was told to write. */
  call<K extends CallName>(name: K, given: EzklCalls[K], options?: CallOptions): Promise<boolean | null>;
  /** Most resident memory of its processes so far, in any call. */
  peakMb(): number;
  close(): Promise<void>;
}

/** What EZKL said about a call, as an error that says what can be done. */
export function refusal(call: CallName, memoryMb: number, complaint: string): Error {
  const text = complaint.trim();
  // Whoever writes the file knows what its disk is called.
  if (NO_ROOM.test(text)) return Object.assign(new Error(text), { code: 'ENOSPC' });
  if (saysNoMemory(text)) return new OutOfMemoryError(call, memoryMb, text.slice(0, 2000));
  return new EzklRefusedError(call, text);
}

const NO_ROOM = /No space left on device|os error 28\b|Disk quota exceeded|os error 122\b|File too large/;

/** EZKL does not do what it was asked for: it cannot read the model, or the files do not fit together. */
export class EzklRefusedError extends VouchError {
  override readonly name = 'Backend.EzklRefusedError';
  readonly call: CallName;
  readonly complaint: string;

  constructor(call: CallName, complaint: string) {
    super(`EZKL refused ${call}`, { metaMessages: [complaint.slice(0, 2000)], docsPath: 'docs/ezkl.md' });
    this.call = call;
    this.complaint = complaint;
  }
}

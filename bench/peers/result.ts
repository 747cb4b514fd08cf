import type { BenchResult } from '../result.ts';

/** Provers side by side on the same models, in one run on one machine: the file that is kept. */
export interface PeersResult extends Pick<BenchResult, 'date' | 'machine' | 'commit'> {
  readonly format: 'vouch-peers-1';
  readonly limits: PeerLimits;
  readonly rows: readonly PeerRow[];
}

export interface PeerLimits {
  /** Longest that a row may take, all its stages together. */
  readonly timeMs: number;
  /** Most memory that the processes of a row may hold. */
  readonly memoryMb: number;
  /** Samples that EZKL is calibrated with. */
  readonly calibrationRows: number;
  /** Inputs on which outputs are compared with onnxruntime's. */
  readonly heldOut: number;
}

export const peerIds = [
  'vouch-native',
  'vouch-wasm',
  'snarkjs',
  'rapidsnark',
  'ezkl-resources',
  'ezkl-accuracy',
] as const;
export type PeerId = (typeof peerIds)[number];

/** What was measured of one prover on one model; what a failure kept from being measured is absent. */
export interface PeerRow extends PeerFacts {
  readonly model: string;
  readonly peer: PeerId;
  /** `absent`: the program is not installed. `repeated`: another row measures the same. */
  readonly outcome: 'measured' | 'failed' | 'timeout' | 'memory' | 'absent' | 'repeated';
  /** The stage that a failure ended. */
  readonly failedStage?: string;
  readonly reason?: string;
  /** Peak memory of the process tree by stage. */
  readonly peakBytes: Readonly<Record<string, number>>;
}

export interface PeerFacts {
  /** The program that proved, with its version. */
  readonly prover?: string;
  /** Constraints of Groth16, filled rows of EZKL. */
  readonly rows?: number;
  /** Binary logarithm of the domain. */
  readonly domainBits?: number;
  readonly compileMs?: number;
  /** Without a universal reference string, which is made once for all models. */
  readonly setupMs?: number;
  /** From a sample to a proof, the proving key on disk; the median of `proveRuns`. */
  readonly proveMs?: number;
  readonly proveRuns?: number;
  readonly verifyMs?: number;
  /** Proving key. */
  readonly keyBytes?: number;
  readonly proofBytes?: number;
  readonly verifierBytes?: number;
  /** Execution as an internal call. */
  readonly verifyGas?: number;
  /** What the call's data costs in a transaction. */
  readonly calldataGas?: number;
  /** Digest of what calibration chose. */
  readonly settings?: string;
  /** Largest distance of a proved output from onnxruntime's. */
  readonly maxDelta?: number;
  /** Inputs that were compared. */
  readonly compared?: number;
  /** What a reader should know beside the numbers. */
  readonly note?: string;
}

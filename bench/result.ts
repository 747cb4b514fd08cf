/** What one run of the benchmark found: the file that is kept, and what later runs are compared with. */
export interface BenchResult {
  readonly format: 'vouch-bench-1';
  /** ISO 8601, when the run began. */
  readonly date: string;
  readonly machine: Machine;
  /** What was measured; `modified` where the checkout differs from it. */
  readonly commit: { readonly id: string; readonly modified: boolean };
  readonly models: readonly ModelResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  /** One-minute load average before and after: above the number of measured threads, something else ran too. */
  readonly load: readonly [before: number, after: number];
}

export interface ModelResult {
  readonly model: string;
  readonly policy: 'worst-case' | 'calibrated';
  readonly sizes: Sizes;
  readonly stages: readonly StageResult[];
}

export interface Sizes {
  readonly constraints: number;
  readonly wires: number;
  readonly domain: number;
  readonly publicSignals: number;
  readonly keyBytes: number;
  readonly proofBytes: number;
}

export interface StageResult {
  readonly stage: string;
  /** Measured runs in one process. */
  readonly runs: number;
  /** Whether an unmeasured run came first. */
  readonly warm: boolean;
  readonly medianMs: number;
  readonly leastMs: number;
  /** The most memory that the stage's process had resident, that of the runtime itself included. */
  readonly peakBytes: number;
  /** Which kernel ran, where the stage needs one. */
  readonly kernel?: string;
}

import { freemem } from 'node:os';

export interface ProverLimits {
  readonly processors: number;
  readonly proofs: number;
  readonly keyBytes: number;
  /** What may be taken; by default the memory that is free now. */
  readonly memoryBytes?: number;
}

/**
 * How many processes make a batch of proofs soonest. One proof on each processor beats all processors on each proof: what
 * cannot be shared among threads, checking a proof above all, then runs side by side. Fewer where there are fewer proofs,
 * whose threads then share the processors, or where memory would not do.
 */
export function proversFor({ processors, proofs, keyBytes, memoryBytes = freemem() }: ProverLimits): number {
  const affordable = Math.floor(memoryBytes / (PROCESS_BYTES + WORKING_KEYS * keyBytes));
  return Math.max(1, Math.min(processors, proofs, affordable));
}

/** The runtime of a process. */
const PROCESS_BYTES = 150e6;
/** Memory of a proof in sizes of its key, where the key itself is mapped and shared; generous for kernels that copy it. */
const WORKING_KEYS = 2;

import type { Hex32 } from '../../verify/json.ts';
import type { Groth16Proof } from '../../verify/types.ts';
import type { InferenceRequest } from '../binding.ts';
import type { SentRecord } from '../sender/pending.ts';

/** What a prover gives: signals of the outputs and a proof of them. */
export interface Proven {
  readonly output: readonly bigint[];
  readonly proof: Groth16Proof;
}

/** How a request ended. */
export type Settlement = (typeof settlements)[number];
export const settlements = ['fulfilled', 'by-other', 'refunded', 'expired'] as const;

/** One request on its way through this node; everything up to `settled` outlives the process. */
export interface Job {
  readonly id: Hex32;
  readonly request: InferenceRequest;
  /** Block that holds the request. */
  readonly block: number;
  /** Kept after the end, because a reorganisation can undo it. */
  proven: Proven | undefined;
  /** Signed versions of the transaction that fulfils it. */
  records: readonly SentRecord[];
  settled: { readonly how: Settlement; readonly block: number } | undefined;
  /** Attempts that failed through the request. */
  failures: number;
  /** Attempts that something else ended. */
  setbacks: number;
  /** Unix time in milliseconds before which it is left alone. */
  retryAt: number;
}

export function newJob({ id, request, block }: Pick<Job, 'id' | 'request' | 'block'>): Job {
  return {
    id,
    request,
    block,
    proven: undefined,
    records: [],
    settled: undefined,
    failures: 0,
    setbacks: 0,
    retryAt: 0,
  };
}

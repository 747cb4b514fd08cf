import type { Steps } from '../contract.ts';
import type { CallOptions } from './supervise.ts';

/** A call's options from a verb's: its progress tells how long the call has run and what it holds. */
export function callOptions({ signal, onProgress }: Steps, stage: string): CallOptions {
  signal?.throwIfAborted();
  onProgress?.(stage);
  return {
    signal,
    onUsage: ({ elapsedMs, residentMb }) => onProgress?.(stage, `${Math.round(elapsedMs / 1000)} s, ${residentMb} MB`),
  };
}

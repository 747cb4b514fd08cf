import { availableParallelism } from 'node:os';
import { VouchError } from '../errors.ts';

/** More are refused, here and in native/addon/arguments.h. */
export const MOST_THREADS = 256;

/** The number of a kernel's threads: by default as many as the machine runs at once. Throws for a number that makes no sense. */
export function threadCount(threads: number | undefined, available = availableParallelism()): number {
  if (threads === undefined) return Math.min(available, MOST_THREADS);
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) throw new ThreadCountError(threads);
  return threads;
}

/** A kernel was asked to run in no threads, a part of one, or more than there can be. */
export class ThreadCountError extends VouchError {
  override readonly name = 'Kernel.ThreadCountError';

  constructor(threads: number) {
    super(`A kernel cannot run in ${threads} threads.`, {
      metaMessages: [
        `Expected a whole number from 1 to ${MOST_THREADS}, or none for as many as the machine runs at once.`,
      ],
    });
  }
}

import { InternalError, VouchError } from '../errors.ts';

/** How a task ended, as data: errors lose their class when they cross threads and processes. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError };

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Only of errors that are the caller's to mend. */
  readonly lines?: { readonly shortMessage: string; readonly metaMessages: readonly string[] };
}

/** Runs `work` and tells how it ended. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}

/** The value of an outcome, or the error thrown again: a `TaskFailedError`, or an `InternalError` for a bug of ours. */
export function unwrap(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
  const { name, message, stack, lines } = outcome.error;
  if (lines !== undefined) throw new TaskFailedError(name, lines.shortMessage, lines.metaMessages);
  throw new InternalError(`A worker failed with ${name}: ${message.split('\n')[0]}`, { cause: stack });
}

function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  const { name, message, stack = '' } = error;
  if (!(error instanceof VouchError)) return { name, message, stack };
  const { shortMessage, metaMessages } = error;
  return { name, message, stack, lines: { shortMessage, metaMessages } };
}

/** The caller's mistake, found in a worker. `name` and message are those of the error thrown there. */
export class TaskFailedError extends VouchError {
  override readonly name: string;

  constructor(name: string, shortMessage: string, metaMessages: readonly string[]) {
    super(shortMessage, { metaMessages });
    this.name = name;
  }
}

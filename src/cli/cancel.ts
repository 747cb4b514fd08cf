import { VouchError } from '../errors.ts';

/** Runs work that Ctrl-C or a termination request cancels through its signal; a second Ctrl-C ends the process at once. */
export async function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => {
    release();
    controller.abort(new CancelledError());
  };
  const release = () => {
    for (const name of SIGNALS) process.off(name, abort);
  };
  for (const name of SIGNALS) process.once(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    release();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The user stopped the command. */
export class CancelledError extends VouchError {
  override readonly name = 'CancelledError';

  constructor() {
    super('Cancelled; no file was written.');
  }
}

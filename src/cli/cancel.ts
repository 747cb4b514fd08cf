import { VouchError } from '../errors.ts';

/**
 * Runs work that Ctrl-C or a termination request cancels through its signal. A second one ends the process at once;
 * temporary files go then too.
 */
export async function cancellable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  message = 'Cancelled; no file was written.',
): Promise<T> {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals) => {
    const error = new CancelledError(name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT', message);
    if (controller.signal.aborted) process.exit(error.exitCode);
    controller.abort(error);
  };
  for (const name of SIGNALS) process.on(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, abort);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** The user stopped the command. */
export class CancelledError extends VouchError {
  override readonly name = 'CancelledError';
  /** What a shell shows for a process that the signal ended. */
  readonly exitCode: number;

  constructor(signal: (typeof SIGNALS)[number], message: string) {
    super(message);
    this.exitCode = 128 + NUMBERS[signal];
  }
}

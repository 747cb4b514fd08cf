import { VouchError } from '../../errors.ts';
import type { GroupUsage } from './group-usage.ts';
import type { Ending, ProcessGroup } from './process-group.ts';

/** What bounds a call of EZKL. */
export interface CallLimits {
  /** Memory of all its processes together. */
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** The same for verifying alone: what it reads may come from a stranger, who can make it compute for ever. */
  readonly verifyMs?: number;
  /** Longest time without any processor time, where the system tells that. */
  readonly stallMs: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Four times a second: how long the call has run and what its processes hold. */
  readonly onUsage?: ((usage: GroupUsage & { readonly elapsedMs: number }) => void) | undefined;
}

const INTERVAL_MS = 250;

/**
 * Waits for `answer` while the group works on it. Where a limit is passed, the signal aborts or the group ends before,
 * the group is killed and the promise rejects once nothing of it runs any more.
 */
export async function supervise<T>(
  group: ProcessGroup,
  call: string,
  answer: Promise<T>,
  { memoryMb, stallMs, ...times }: CallLimits,
  { signal, onUsage }: CallOptions = {},
): Promise<T> {
  const timeoutMs = call === 'verify' ? (times.verifyMs ?? times.timeoutMs) : times.timeoutMs;
  const started = performance.now();
  let [seenCpu, movedAt] = [-1, started];
  let reason: unknown;
  let over = false;
  const stop = (error: unknown) => {
    if (over) return;
    reason ??= error;
    group.kill();
  };
  const abort = () => stop(signal?.reason);
  const look = async () => {
    const usage = await group.usage();
    const now = performance.now();
    if (now - started > timeoutMs) stop(new EzklTimeoutError(call, `it was not done after ${timeoutMs / 1000} s`));
    if (usage === undefined) return;
    if (usage.cpuMs > seenCpu) [seenCpu, movedAt] = [usage.cpuMs, now];
    if (now - movedAt > stallMs) stop(new EzklTimeoutError(call, `it did nothing for ${stallMs / 1000} s`));
    if (usage.residentMb > memoryMb) stop(new OutOfMemoryError(call, memoryMb, `it held ${usage.residentMb} MB`));
    if (!over) onUsage?.({ ...usage, elapsedMs: now - started });
  };
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setInterval(() => void look(), INTERVAL_MS);
  try {
    if (signal?.aborted) abort();
    const gone = group.ended.then((ending) => {
      throw endingError(call, ending, group.lastWords(), memoryMb);
    });
    const answered = await Promise.race([answer, gone]);
    await group.usage();
    return answered;
  } catch (error) {
    // Whatever it was, the state of the group is not known any more.
    group.kill();
    await group.ended;
    throw reason ?? error;
  } finally {
    over = true;
    clearInterval(timer);
    signal?.removeEventListener('abort', abort);
  }
}

const NO_MEMORY = /memory allocation of \d+ bytes failed|MemoryError|[Cc]annot allocate memory|out of memory/;

/** What the end of a program means that should have answered. */
function endingError(call: string, { code, signal }: Ending, lastWords: string, memoryMb: number): VouchError {
  if (NO_MEMORY.test(lastWords)) return new OutOfMemoryError(call, memoryMb, tail(lastWords)[0]);
  return new EzklEndedError(call, signal === null ? `exit code ${code}` : `signal ${signal}`, tail(lastWords));
}

/** Whether a complaint of EZKL's says that there was too little memory. */
export const saysNoMemory = (text: string): boolean => NO_MEMORY.test(text);

/** The last lines of what a program wrote. */
export const tail = (text: string): string[] => text.split('\n').slice(-8);

/** The call needs more memory than it may have. */
export class OutOfMemoryError extends VouchError {
  override readonly name = 'Backend.OutOfMemoryError';

  constructor(call: string, memoryMb: number, detail: string) {
    super(`EZKL's ${call} needs more than the ${memoryMb} MB of memory it may have`, {
      metaMessages: [
        detail,
        'Raise the limit with --memory where the machine has more, take a coarser calibration, or a smaller model.',
      ],
      docsPath: 'docs/ezkl.md',
    });
  }
}

/** The call ran too long, or waits for something that does not come. */
export class EzklTimeoutError extends VouchError {
  override readonly name = 'Backend.EzklTimeoutError';

  constructor(call: string, detail: string) {
    super(`EZKL's ${call} was ended: ${detail}`, { metaMessages: ['Allow more time with --timeout.'] });
  }
}

/** The program ended in the middle of a call. */
export class EzklEndedError extends VouchError {
  override readonly name = 'Backend.EzklEndedError';

  constructor(call: string, ending: string, lines: readonly string[]) {
    const killed = ending === 'signal SIGKILL' ? ['The system may have ended it for want of memory.'] : [];
    super(`EZKL ended during ${call} with ${ending}`, {
      metaMessages: [...lines.filter((line) => line !== ''), ...killed, 'Nothing was left behind. Repeat the command.'],
    });
  }
}

/** Facts that every error of this library can carry beside its message. */
export interface VouchErrorOptions {
  /** Further lines: where it happened, expected and got, what to do. */
  readonly metaMessages?: readonly string[];
  readonly docsPath?: string;
  readonly cause?: unknown;
}

/**
 * The caller's mistake: bad input, an unsupported model, a file that does not match.
 * `shortMessage` says what; `metaMessages` say where, expected and got, and what to do.
 */
export class VouchError extends Error {
  override readonly name: string = 'VouchError';
  readonly shortMessage: string;
  readonly metaMessages: readonly string[];
  readonly docsPath: string | undefined;

  constructor(shortMessage: string, { metaMessages = [], docsPath, cause }: VouchErrorOptions = {}) {
    const docs = docsPath === undefined ? [] : [`See ${docsPath}`];
    super([shortMessage, ...metaMessages, ...docs].join('\n'), cause === undefined ? {} : { cause });
    this.shortMessage = shortMessage;
    this.metaMessages = metaMessages;
    this.docsPath = docsPath;
  }

  /** The first error in the chain of causes that satisfies `match`, or `undefined`. */
  walk(match: (error: unknown) => boolean): unknown {
    let error: unknown = this;
    while (error !== undefined && !match(error)) error = error instanceof Error ? error.cause : undefined;
    return error;
  }
}

/** A broken invariant of ours. The caller cannot mend it; the message asks for a report. */
export class InternalError extends Error {
  override readonly name = 'InternalError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(`${message}\nThis is a bug in vouch, please report it.`, options);
  }
}

import type { Command } from 'commander';
import { InternalError, VouchError } from '../errors.ts';

/** Exit codes that scripts rely on: 0 done or true, 1 false, 2 error. */
export const exitCodes = { success: 0, negative: 1, failure: 2 } as const;

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The options every command takes. */
export function addOutputOptions(command: Command): Command {
  return command.option('--json', 'one JSON object on standard output').option('--quiet', 'no progress');
}

/** One JSON object on standard output, nothing else there. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, jsonSafe, 1)}\n`);
}

/** Typed arrays as plain arrays, maps as objects, infinities as text. */
function jsonSafe(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return [...(value as Float64Array)];
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** A line for each faster kernel that could not be taken. */
export function renderPassedOver(passedOver: readonly string[]): string[] {
  return passedOver.map((reason) => `no faster kernel: ${reason}`);
}

/** Names in files are other people's text: control characters could rewrite what the terminal shows. */
export function printable(text: string): string {
  const escaped = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return [...text].map((c) => (c !== '\n' && /\p{Cc}/u.test(c) ? escaped(c) : c)).join('');
}

/** Prints what went wrong, as a person or a program reads it, and sets the exit code. */
export function reportFailure(error: unknown, { json = false }: OutputOptions): void {
  process.exitCode = exitCodes.failure;
  if (json) {
    const known = error instanceof VouchError || error instanceof InternalError;
    const message = error instanceof Error ? error.message : String(error);
    const details =
      error instanceof VouchError ? { shortMessage: error.shortMessage, details: error.metaMessages } : {};
    printJson({ error: { name: known ? error.name : 'InternalError', message, ...details, ...problemsOf(error) } });
    return;
  }
  if (error instanceof VouchError) process.stderr.write(`error: ${printable(error.message)}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

function problemsOf(error: unknown): object {
  return error instanceof VouchError && 'problems' in error ? { problems: error.problems } : {};
}

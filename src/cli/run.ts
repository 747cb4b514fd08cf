import { CancelledError } from './cancel.ts';
import { type OutputOptions, printable, printJson, reportFailure } from './output.ts';
import { createProgress, type Progress } from './progress.ts';

/** What a command found: `value` is its `--json`, `text` what a person reads, `exitCode` 0 unless it says otherwise. */
export interface Outcome {
  readonly value: unknown;
  readonly text: string;
  readonly exitCode?: number;
}

/**
 * Runs a command's work with progress, prints its outcome, and turns errors into exit code 2; a cancelled command
 * ends with 130 (143 after SIGTERM), as if the signal had ended it.
 */
export async function runCommand(
  options: OutputOptions,
  work: (progress: Progress) => Promise<Outcome>,
): Promise<void> {
  const progress = createProgress(options);
  try {
    const { value, text, exitCode = 0 } = await work(progress);
    progress.done();
    process.exitCode = exitCode;
    if (options.json === true) printJson(value);
    else process.stdout.write(`${printable(text)}\n`);
  } catch (error) {
    progress.done();
    reportFailure(error, options);
    if (error instanceof CancelledError) process.exitCode = error.exitCode;
  }
}

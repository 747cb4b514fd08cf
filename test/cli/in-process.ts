import { Command } from 'commander';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process: what it prints and its exit code, without the start of a process for each. */
export async function runInProcess(commands: readonly ((program: Command) => void)[], ...args: string[]): Promise<Run> {
  const program = new Command('vouch').exitOverride();
  for (const add of commands) add(program);
  const written = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = (text: string | Uint8Array): boolean => {
      written[name] += String(text);
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    for (const undo of restore) undo();
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { code, ...written };
}

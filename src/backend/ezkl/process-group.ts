import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { VouchError } from '../../errors.ts';
import { withCleanup } from '../../temporary.ts';
import { programEnvironment } from './environment.ts';
import { groupUsage } from './group-usage.ts';

/** How a program ended: its exit code, or the signal that ended it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program and whatever it starts, as one: watched, limited and ended together. */
export interface ProcessGroup {
  readonly input: Writable;
  readonly output: Readable;
  readonly ended: Promise<Ending>;
  /** The end of what it wrote to standard error since its words were forgotten, without colours. */
  lastWords(): string;
  forgetWords(): void;
  /** Most resident memory of all its processes so far. */
  peakMb(): number;
  /** Looks at its memory and processor time now; `undefined` where the system does not tell them. */
  usage(): ReturnType<typeof groupUsage>;
  kill(): void;
}

const LAST_WORDS = 4000;
const KILOBYTES_PER_MB = 1024;
/** Address space beyond the memory limit: for program code and for stacks that are never filled. */
const SPARE_MB = 1024;

/**
 * The program gets a limit on its address space, so that a request for more memory fails inside it at once; on Linux it
 * ends with this process however that ends.
 */
const LAUNCH = `ulimit -v "$1" 2>/dev/null
shift
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
exec "$@"`;

export interface GroupOptions {
  /** What all its processes together may hold. */
  readonly memoryMb: number;
  /** Whether it may use the network; closed unless said otherwise. */
  readonly network?: 'open' | 'closed';
}

/** Starts a program as a group that ends at the latest with this process. */
export function startGroup(command: readonly string[], { memoryMb, network = 'closed' }: GroupOptions): ProcessGroup {
  const limit = String((memoryMb + SPARE_MB) * KILOBYTES_PER_MB);
  const child = spawn('sh', ['-c', LAUNCH, 'sh', limit, ...command], {
    detached: true,
    env: programEnvironment(network),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  let [words, peak, over] = ['', 0, false];
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-LAST_WORDS);
  });
  // Its end is what is reported, not what it could not be sent.
  child.stdin.on('error', () => {});
  const kill = () => {
    if (!over) signalGroup(child);
  };
  const ended = withCleanup(kill, () => endOf(child)).finally(() => {
    over = true;
  });
  return {
    input: child.stdin,
    output: child.stdout,
    ended,
    lastWords: () => stripVTControlCharacters(words).trim(),
    forgetWords() {
      words = '';
    },
    peakMb: () => peak,
    async usage() {
      const usage = pid === undefined || over ? undefined : await groupUsage(pid);
      peak = Math.max(peak, usage?.peakMb ?? 0);
      return usage;
    },
    kill,
  };
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    // What it has started may hold its output open, which would hide that it is gone.
    child.once('exit', () => signalGroup(child));
    child.once('error', (cause) => reject(new NoShellError(cause)));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Reaches what the program has started too, also after its own end. */
function signalGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

/** The system has no POSIX shell. */
export class NoShellError extends VouchError {
  override readonly name = 'Backend.NoShellError';

  constructor(cause: Error) {
    super('EZKL cannot be started: it is run on Linux and macOS', { metaMessages: [cause.message], cause });
  }
}

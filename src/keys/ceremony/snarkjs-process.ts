import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VouchError } from '../../errors.ts';
import type { StepKernel } from './lend-kernel.ts';
import type { CeremonyOptions } from './options.ts';
import type { SnarkjsMessage, SnarkjsRequest, SnarkjsTask } from './snarkjs-task.ts';

export interface SnarkjsOutcome {
  readonly accepted: boolean;
  /** What snarkjs had to say about a refusal. */
  readonly complaints: readonly string[];
  readonly kernel: StepKernel;
}

/**
 * Runs a task in a child process. Aborting kills it; the promise rejects only once it has ended, so that
 * nothing writes to its files any more.
 */
export function runSnarkjs(
  task: SnarkjsTask,
  { signal, onProgress, kernelName }: CeremonyOptions = {},
): Promise<SnarkjsOutcome> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = startChild();
    const complaints: string[] = [];
    let outcome: Pick<SnarkjsOutcome, 'accepted' | 'kernel'> | undefined;
    let lastWords = '';
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    child.stderr?.on('data', (chunk) => {
      lastWords = (lastWords + String(chunk)).slice(-2000);
    });
    child.on('message', (message: SnarkjsMessage) => {
      if (message.kind === 'progress') onProgress?.(STAGES[task.kind], message.detail);
      else if (message.kind === 'outcome') outcome = message;
      else if (complaints.length < MAX_COMPLAINTS) complaints.push(message.text);
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', kill);
      const full = [...complaints, lastWords].find((line) => NO_ROOM.test(line));
      if (signal?.aborted) reject(signal.reason);
      else if (full !== undefined) reject(Object.assign(new Error(full.trim()), { code: 'ENOSPC' }));
      else if (outcome !== undefined) resolve({ accepted: outcome.accepted, kernel: outcome.kernel, complaints });
      else reject(new SnarkjsFailedError(task.kind, killedBy ?? `code ${code}`, [...complaints, lastWords.trim()]));
    });
    child.send({ task, kernelName } satisfies SnarkjsRequest);
  });
}

const MAX_COMPLAINTS = 20;
/** snarkjs says so and goes on, which leaves a file that ends too early. */
const NO_ROOM = /\b(ENOSPC|EDQUOT|EFBIG)\b/;
const STAGES = {
  'verify-ptau': 'check the Powers of Tau',
  start: 'compute the initial key',
  contribute: 'contribute',
  beacon: 'apply the beacon',
  verify: 'verify the key',
} as const;

/** In the package the child is JavaScript; run from the sources, it needs tsx, which would slow down its other imports. */
function startChild(): ChildProcess {
  const extension = extname(new URL(import.meta.url).pathname);
  const url = new URL(`./snarkjs-child${extension}`, import.meta.url).href;
  let program = `await import('${url}');`;
  if (extension !== '.js') {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
    const api = new URL('./dist/esm/api/index.mjs', tsx).href;
    program = `const done = (await import('${api}')).register(); ${program} await done();`;
  }
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** snarkjs broke off: a file that it cannot read, or not enough memory. */
export class SnarkjsFailedError extends VouchError {
  override readonly name = 'Keys.SnarkjsFailedError';

  constructor(step: string, ending: string, lines: readonly string[]) {
    super(`snarkjs failed at the step ${step} (it ended with ${ending}).`, {
      metaMessages: [
        ...lines.filter((line) => line !== ''),
        'Check that the files are complete and that there is memory left, then repeat the step.',
      ],
    });
  }
}

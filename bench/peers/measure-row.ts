import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withCleanup } from '../../src/temporary.ts';
import type { PeerInput } from './peer.ts';
import { treeBytes } from './process-tree.ts';
import type { ReportLine } from './report.ts';
import type { PeerFacts, PeerId, PeerRow } from './result.ts';

const PROCESS = fileURLToPath(new URL('./row-process.ts', import.meta.url));
const POLL_MS = 100;

export interface MeasureRowOptions {
  /** What is run; the row's process by default. */
  readonly program?: string;
  readonly onStage?: (stage: string) => void;
}

/** Measures one row in a process of its own, which is ended with all that it started where it passes a limit. */
export function measureRow(
  model: string,
  peer: PeerId,
  input: PeerInput,
  { program = PROCESS, onStage }: MeasureRowOptions = {},
): Promise<PeerRow> {
  const { timeMs, memoryMb } = input.limits;
  const loader = extname(program) === '.ts' ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, program, peer, JSON.stringify(input)], {
    // A group of its own, so that it can be ended whole.
    detached: true,
    // The system closes the first when this process ends, however it ends.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  const peakBytes: Record<string, number> = {};
  let [stage, facts, lastWords]: [string, PeerFacts, string] = ['start', {}, ''];
  let ending: Pick<PeerRow, 'outcome' | 'reason'> | undefined;
  const end = (reason: NonNullable<typeof ending>) => {
    ending ??= reason;
    endGroup(child);
  };
  const timer = setTimeout(() => end({ outcome: 'timeout', reason: `more than ${timeMs / 1000} s` }), timeMs);
  const poll = setInterval(() => {
    const bytes = child.pid === undefined ? 0 : treeBytes(child.pid);
    peakBytes[stage] = Math.max(peakBytes[stage] ?? 0, bytes);
    if (bytes > memoryMb * 2 ** 20) end({ outcome: 'memory', reason: `more than ${memoryMb} MB` });
  }, POLL_MS);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parseLine(text);
    if (line?.kind === 'stage') {
      stage = line.stage;
      onStage?.(stage);
    } else if (line?.kind === 'facts') facts = { ...facts, ...line.facts };
    else if (line?.kind === 'failure') ending ??= outcomeOf(line.name, line.reason);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk}`.slice(-500);
  });
  // The command line may be interrupted.
  return withCleanup(
    () => endGroup(child),
    () =>
      new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, signal) => {
          clearTimeout(timer);
          clearInterval(poll);
          if (code !== 0) ending ??= { outcome: 'failed', reason: `${signal ?? `code ${code}`}: ${lastWords.trim()}` };
          const failure = ending === undefined ? { outcome: 'measured' as const } : { ...ending, failedStage: stage };
          resolve({ model, peer, ...facts, ...failure, peakBytes });
        });
      }),
  );
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function outcomeOf(name: string, reason: string): Pick<PeerRow, 'outcome' | 'reason'> {
  if (['AbsentError', 'Backend.NoEzklError'].includes(name)) return { outcome: 'absent', reason };
  if (name === 'RepeatedError') return { outcome: 'repeated', reason };
  if (name === 'Backend.OutOfMemoryError') return { outcome: 'memory', reason };
  return { outcome: name === 'Backend.EzklTimeoutError' ? 'timeout' : 'failed', reason };
}

/** Programs write other things to standard output too. */
function parseLine(text: string): ReportLine | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

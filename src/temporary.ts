import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { owner, removeAbandoned } from './abandoned.ts';

/**
 * Runs `work` with a name beside `path` under which it may make a file or folder. Whatever is there afterwards is
 * removed, however the work ends; where the process is killed outright, the next that writes beside it removes it.
 */
export function withTemporary<T>(path: string, work: (temporary: string) => Promise<T>): Promise<T> {
  removeAbandoned(dirname(path));
  const temporary = `${path}.${owner}-${randomBytes(6).toString('hex')}.tmp`;
  return withCleanup(
    () => remove(temporary),
    () => work(temporary),
  );
}

/** Runs `work` with an empty folder of the system's that is removed afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  removeAbandoned(tmpdir());
  const folder = await mkdtemp(join(tmpdir(), `vouch-${owner}-`));
  return withCleanup(
    () => remove(folder),
    () => work(folder),
  );
}

/** Runs `cleanup` once `work` is done or has failed, where the process exits before, and where a signal ends it. */
export async function withCleanup<T>(cleanup: () => void, work: () => Promise<T>): Promise<T> {
  if (pending.size === 0) watch();
  pending.add(cleanup);
  try {
    return await work();
  } finally {
    cleanup();
    pending.delete(cleanup);
    if (pending.size === 0) unwatch();
  }
}

const pending = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Whoever handles a signal himself decides whether it ends the process; then the exit hook cleans up. */
function watch(): void {
  process.on('exit', cleanAll);
  for (const name of SIGNALS) if (process.listenerCount(name) === 0) process.on(name, end);
}

function unwatch(): void {
  process.off('exit', cleanAll);
  for (const name of SIGNALS) process.off(name, end);
}

/** Cleans up and lets the signal do what it would have done. */
function end(name: NodeJS.Signals): void {
  cleanAll();
  unwatch();
  process.kill(process.pid, name);
}

/** The latest first: what it made may lie inside what an earlier one made. */
function cleanAll(): void {
  for (const cleanup of [...pending].reverse()) cleanup();
}

/** A failure here must not hide the one that led here. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}

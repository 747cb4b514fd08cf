import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { VouchError } from './errors.ts';

const RETRY_MS = 5;
/** Far longer than anyone holds it: its holder was killed outright. */
const STALE_MS = 10_000;
/** By then a stale lock is gone, and whoever waited before has had a turn. */
const PATIENCE_MS = 30_000;

/**
 * Runs `work`, which takes a moment and does not wait, while no other process runs its own with the same `lock`, a
 * folder that is there for that moment. Throws where it cannot be had in `patienceMs`.
 */
export async function withFolderLock(
  lock: string,
  work: () => void,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!take(lock)) {
    if (performance.now() > end) throw new FolderLockedError(lock);
    await sleep(RETRY_MS);
  }
  try {
    work();
  } finally {
    release(lock);
  }
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (Object(error).code !== 'EEXIST') throw error;
    removeStale(lock);
    return false;
  }
}

/** What the work has done stays done, whoever took its lock for a stale one. */
function release(lock: string): void {
  try {
    rmdirSync(lock);
  } catch {}
}

/**
 * What is no folder, or not empty, is nobody's lock: to remove it fails, which tells the user of it. A link may lead
 * nowhere, and a time may lie ahead, where a clock was put back.
 */
function removeStale(lock: string): void {
  const found = lstatSync(lock, { throwIfNoEntry: false });
  if (found === undefined || Math.abs(Date.now() - found.mtimeMs) < STALE_MS) return;
  try {
    rmdirSync(lock);
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error;
  }
}

/** Others hold the lock again and again, or something keeps its name. */
export class FolderLockedError extends VouchError {
  override readonly name = 'FolderLockedError';

  constructor(lock: string) {
    super(`"${lock}" is held by others and could not be taken`, {
      metaMessages: ['Repeat the command once they are done; where nobody else writes there, remove it.'],
    });
  }
}

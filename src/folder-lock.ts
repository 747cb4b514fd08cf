import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 5;
/** Far longer than anyone holds it: its holder was killed outright. */
const STALE_MS = 10_000;

/**
 * Runs `work`, which takes a moment and does not wait, while no other process runs its own with the same `lock`, a
 * folder that is there for that moment.
 */
export async function withFolderLock(lock: string, work: () => void): Promise<void> {
  while (!take(lock)) await sleep(RETRY_MS);
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

/** What is no folder, or not empty, is nobody's lock: to remove it fails, which tells the user of it. */
function removeStale(lock: string): void {
  const found = statSync(lock, { throwIfNoEntry: false });
  if (found === undefined || Date.now() - found.mtimeMs < STALE_MS) return;
  try {
    rmdirSync(lock);
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error;
  }
}

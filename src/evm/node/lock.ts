import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { VouchError } from '../../errors.ts';
import { withCleanup } from '../../temporary.ts';

/** Runs work while no other live process of this machine holds the file `${path}.lock`. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  take(lock, path);
  held.add(lock);
  const release = () => {
    held.delete(lock);
    rmSync(lock, { force: true });
  };
  return withCleanup(release, work);
}

/** Locks of this process: in a container, an earlier one had the same number. */
const held = new Set<string>();

function take(lock: string, path: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (cause) {
      if (Object(cause).code !== 'EEXIST') throw new LockedError(path, 'the lock file cannot be made', cause);
    }
    const holder = Number(readIfThere(lock));
    const stale = holder === process.pid ? !held.has(lock) : !isAlive(holder);
    if (attempt > 0 || !stale) throw new LockedError(path, `process ${holder} uses it`);
    // A process that was killed leaves its lock behind.
    rmSync(lock, { force: true });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return Object(error).code === 'EPERM';
  }
}

/** Two nodes must not share a file. */
export class LockedError extends VouchError {
  override readonly name = 'Evm.LockedError';

  constructor(path: string, reason: string, cause?: unknown) {
    super(`The state file "${path}" is locked: ${reason}.`, {
      metaMessages: ['Stop the other node, or give this one a file and a key of its own.'],
      cause,
    });
  }
}

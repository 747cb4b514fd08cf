import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
/** Each is lost only to another process that got further. */
const ATTEMPTS = 5;

function take(lock: string, path: string): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(lock, path)) return;
    const holder = read(lock);
    if (holder !== undefined && !isStale(holder, lock)) throw new LockedError(path, `process ${holder} uses it`);
    // A process that was killed leaves its lock behind.
    if (holder !== undefined && !evict(lock)) throw new LockedError(path, 'another process took it just now');
  }
  throw new LockedError(path, 'other processes are taking it');
}

/** Makes the lock with its content at once, so that nobody ever sees it empty; `false` where there is one. */
function create(lock: string, path: string): boolean {
  const own = `${uniqueName(lock)}.tmp`;
  try {
    writeFileSync(own, String(process.pid), { flag: 'wx' });
    linkSync(own, lock);
    return true;
  } catch (cause) {
    if (Object(cause).code === 'EEXIST') return false;
    throw new LockedError(path, 'the lock file cannot be made', cause);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes a stale lock away. Where another process has replaced it meanwhile, puts that one back and gives `false`. */
function evict(lock: string): boolean {
  // Not a leftover to be removed: it may turn out to be the lock of the process that removes leftovers.
  const taken = `${uniqueName(lock)}.old`;
  try {
    renameSync(lock, taken);
  } catch (error) {
    if (Object(error).code === 'ENOENT') return true;
    throw error;
  }
  try {
    if (isStale(read(taken) ?? '', lock)) return true;
    linkSync(taken, lock);
  } catch (error) {
    if (Object(error).code !== 'EEXIST') throw error;
  } finally {
    rmSync(taken, { force: true });
  }
  return false;
}

function uniqueName(lock: string): string {
  return `${lock}.${randomBytes(6).toString('hex')}`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale(holder: string, lock: string): boolean {
  return Number(holder) === process.pid ? !held.has(lock) : !isAlive(Number(holder));
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

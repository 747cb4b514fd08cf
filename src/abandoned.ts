import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Who numbers processes: another machine, or another container of this one, has given the same numbers to others.
 * Machines of one image may have one name, but each start of a system has an id of its own.
 */
const numbering = createHash('sha256')
  .update(`${hostname()} ${orNothing(() => readlinkSync('/proc/self/ns/pid'))}`)
  .update(` ${orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())}`)
  .digest('hex')
  .slice(0, 8);

/** Stands in the name of what this process makes for a time, so that others can tell once it is gone. */
export const owner = `${numbering}-${process.pid}`;

/** `name` is `<anything>.<owner>-<random>.tmp` or `vouch-<owner>-<random>`. */
const TEMPORARY = /(?:^vouch-|\.)([0-9a-f]{8})-([0-9]{1,10})-(?:[0-9a-f]{12}\.tmp|[0-9A-Za-z]{6})$/;

const searched = new Set<string>();

/**
 * Removes from a folder what processes that were killed outright have left there for good: their own could not. Each
 * folder is searched once; whatever cannot be looked at or removed stays.
 */
export function removeAbandoned(folder: string): void {
  if (searched.has(folder)) return;
  searched.add(folder);
  for (const name of namesIn(folder)) {
    const match = TEMPORARY.exec(name);
    if (match?.[1] !== numbering || isAlive(Number(match[2]))) continue;
    try {
      const path = join(folder, name);
      // A folder for all users holds what others call so, too.
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true });
    } catch {}
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return Object(error).code !== 'ESRCH';
  }
}

/** Only Linux tells. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

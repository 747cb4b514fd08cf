import { readFileSync } from 'node:fs';

/** The text of a file of /proc, or nothing where there is none: processes end at any time. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What /proc tells of a process, from its state on; the program's name before it stands in brackets and may hold anything. */
export function statFields(pid: number | string | undefined): readonly string[] {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

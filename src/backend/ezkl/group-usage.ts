import { readdir, readFile } from 'node:fs/promises';

/** What all processes of a group hold and have used so far. */
export interface GroupUsage {
  readonly residentMb: number;
  /** Most that each of them held at any time, added up: what a look four times a second would miss is in it. */
  readonly peakMb: number;
  readonly cpuMs: number;
}

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;
const KILOBYTES_PER_MB = 1024;

/** Resident memory and processor time of a process group; `undefined` where the system does not tell it. */
export async function groupUsage(group: number): Promise<GroupUsage | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const members = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((pid) => memberUsage(pid, group)));
  const found = members.filter((member) => member !== undefined);
  if (found.length === 0) return undefined;
  return {
    residentMb: Math.ceil(found.reduce((sum, { residentMb }) => sum + residentMb, 0)),
    peakMb: Math.ceil(found.reduce((sum, { peakMb }) => sum + peakMb, 0)),
    cpuMs: found.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

async function memberUsage(pid: string, group: number): Promise<GroupUsage | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program stands in brackets and may hold anything; state, parent and group follow it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (Number(fields[2]) !== group) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const megabytes = (line: RegExp) => Number(line.exec(status)?.[1] ?? 0) / KILOBYTES_PER_MB;
  return {
    residentMb: megabytes(/^VmRSS:\s+(\d+) kB$/m),
    peakMb: megabytes(/^VmHWM:\s+(\d+) kB$/m),
    cpuMs: TICK_MS * (Number(fields[11]) + Number(fields[12])),
  };
}

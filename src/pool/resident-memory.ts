import { readFile } from 'node:fs/promises';

const INTERVAL_MS = 200;
const KILOBYTES = 1024;

/** Resident memory of a process in bytes; `undefined` where the system does not tell it, or the process is gone. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return match === null ? undefined : Number(match[1]) * KILOBYTES;
}

/** Calls `onExceed` once when a process holds more than `limitMb`; returns how to stop watching. */
export function watchMemory(pid: number | undefined, limitMb: number, onExceed: (usedMb: number) => void): () => void {
  if (pid === undefined) return () => {};
  let watching = true;
  const timer = setInterval(async () => {
    const usedMb = Math.ceil(((await residentBytes(pid)) ?? 0) / 2 ** 20);
    if (!watching || usedMb <= limitMb) return;
    stop();
    onExceed(usedMb);
  }, INTERVAL_MS);
  timer.unref();
  const stop = () => {
    watching = false;
    clearInterval(timer);
  };
  return stop;
}

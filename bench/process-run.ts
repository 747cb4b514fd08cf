import { spawn } from 'node:child_process';
import { readProc, statFields } from './process-stat.ts';

/** A process from its start to its end. */
export interface ProcessRun {
  readonly wallMs: number;
  /** Processor time, to the polling interval; 0 where the system does not tell. */
  readonly cpuMs: number;
  /** The most memory it had resident; 0 where the system does not tell. */
  readonly peakBytes: number;
  readonly output: string;
}

/** Runs a command to its end; throws when it fails. */
export function runProcess(command: string, args: readonly string[]): Promise<ProcessRun> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let [peakBytes, cpuMs] = [0, 0];
    let output = '';
    const watch = setInterval(() => {
      peakBytes = Math.max(peakBytes, peakOf(child.pid));
      cpuMs = Math.max(cpuMs, cpuOf(child.pid));
    }, POLL_MS);
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    child.once('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
    let wallMs = 0;
    child.once('exit', () => {
      wallMs = performance.now() - started;
    });
    child.once('close', (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ wallMs, cpuMs, peakBytes, output });
      else reject(new Error(`${command} ended with code ${code}`));
    });
  });
}

const POLL_MS = 5;

/** The high-water mark of a process that still runs. */
function peakOf(pid: number | undefined): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Time of all threads, in user and kernel mode. */
function cpuOf(pid: number | undefined): number {
  const fields = statFields(pid);
  return TICK_MS * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}

const TICK_MS = 10;

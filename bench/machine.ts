import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { BenchResult, Machine } from './result.ts';

/** The machine that measures, with the load before the run. */
export function describeMachine(loadBefore: number): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load: [loadBefore, currentLoad()],
  };
}

export function currentLoad(): number {
  return Number(loadavg()[0].toFixed(2));
}

/** The commit that is measured; `unknown` outside a checkout. */
export function describeCommit(): BenchResult['commit'] {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return { id: git('rev-parse', 'HEAD'), modified: git('status', '--porcelain', '--', 'src', 'native') !== '' };
  } catch {
    return { id: 'unknown', modified: true };
  }
}

/** A name for the machine that fits into a file name. */
export function machineName({ cpu, cores }: Machine): string {
  const words = cpu.replace(/\((R|TM)\)|CPU|Processor|@.*/gi, ' ').toLowerCase();
  return `${words.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-${cores}-cores`;
}

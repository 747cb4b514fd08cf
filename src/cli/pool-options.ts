import type { Command } from 'commander';
import type { PoolOptions } from '../pool/pool.ts';
import { ArgumentError } from './arguments.ts';

export interface PoolArguments {
  readonly workers?: string;
  readonly timeout?: string;
}

/** The options of commands that run in the pool. */
export function addPoolOptions(command: Command): Command {
  return command
    .option('--workers <n>', 'how many work at a time (default: one per processor)')
    .option('--timeout <seconds>', 'longest that one sample may take (default: 600)');
}

export function toPoolOptions({ workers, timeout }: PoolArguments): PoolOptions {
  return {
    ...(workers === undefined ? {} : { workers: natural('--workers', workers, 256) }),
    ...(timeout === undefined ? {} : { timeoutMs: 1000 * natural('--timeout', timeout, 1_000_000) }),
  };
}

function natural(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new ArgumentError(option, text, `a whole number from 1 to ${max}`);
  }
  return value;
}

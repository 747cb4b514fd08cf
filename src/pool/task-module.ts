import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Control } from './control.ts';

/**
 * What a worker can do: one function per task. Arrays in what they return are handed over, so they must not be kept.
 * A module of tasks exports `createTasks`, called once per worker with what the pool was set up with.
 */
export type Tasks = Readonly<Record<string, (input: never, control: Control) => unknown>>;

export interface TaskModule {
  createTasks(setup: unknown): Tasks | Promise<Tasks>;
}

/** What a worker is started with. */
export interface WorkerSetup {
  /** URL of a module of tasks. */
  readonly module: string;
  readonly setup: unknown;
}

export interface Job {
  readonly task: string;
  readonly input: unknown;
}

const extension = extname(new URL(import.meta.url).pathname);

/** URL of a module beside this one, built or not. */
export function siblingUrl(name: string): string {
  return new URL(`./${name}${extension}`, import.meta.url).href;
}

export function siblingPath(name: string): string {
  return fileURLToPath(siblingUrl(name));
}

/** Flags of node for workers: none in the package; run from the sources, they need tsx. */
export function workerFlags(): string[] {
  if (extension === '.js') return [];
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx).href;
  return ['--import', `data:text/javascript,import { register } from '${api}'; register();`];
}

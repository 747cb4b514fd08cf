import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { EZKL_VERSION } from './version.ts';

/** The user's folder for what can be made again. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: chosen } = environment;
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'vouch');
  const parts = process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
  return join(homedir(), ...parts, 'vouch');
}

/** Where `vouch backend install ezkl` puts the private Python environment of the pinned version. */
export const environmentFolder = (): string => join(cacheFolder(), `ezkl-${EZKL_VERSION}`);

export const pythonOf = (environment: string): string => join(environment, 'bin', 'python');

/** The first program of that name on the PATH. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { readFile } from 'node:fs/promises';
import { VouchError } from '../errors.ts';

/** The text of a file that the user named. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new VouchError(`"${path}" cannot be read`, { cause });
  }
}

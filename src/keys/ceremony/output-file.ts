import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VouchError } from '../../errors.ts';
import { MalformedFileError } from '../../field/sections.ts';
import { FullDiskError, replaceFile } from '../../write-file.ts';

/**
 * Makes a file that must not be there yet: every round of a ceremony is kept, so none may overwrite another.
 * What `write` leaves half done is removed.
 */
export async function writeNewFile<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  if (await exists(path)) throw new ExistingFileError(path);
  return replaceFile(path, async (temporary) => {
    try {
      return await write(temporary);
    } catch (cause) {
      // snarkjs does not notice that less was written than it asked for.
      const isFull = cause instanceof MalformedFileError && (await statfs(dirname(path))).bavail === 0;
      throw isFull ? new FullDiskError(path, cause) : cause;
    }
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** A step would overwrite the result of another. */
export class ExistingFileError extends VouchError {
  override readonly name = 'Keys.ExistingFileError';

  constructor(path: string) {
    super(`${path} is there already.`, {
      metaMessages: ['Every round of a ceremony is a file of its own: name another, or move this one away.'],
    });
  }
}

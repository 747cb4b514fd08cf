import { access } from 'node:fs/promises';
import { VouchError } from '../../errors.ts';
import { replaceFile } from '../../write-file.ts';

/**
 * Makes a file that must not be there yet: every round of a ceremony is kept, so none may overwrite another.
 * What `write` leaves half done is removed.
 */
export async function writeNewFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  if (await exists(path)) throw new ExistingFileError(path);
  await replaceFile(path, write);
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

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { VouchError } from '../errors.ts';

/** Opens a file to read, and nothing else: to open a pipe waits for its writer, and a device may have no end. */
export async function openFile(path: string, { maxBytes }: { readonly maxBytes: number }): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NoFileError(path);
    if (found.size > maxBytes) throw new LargeFileError(path, found.size, maxBytes);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text of a file that is no longer than expected. */
export async function readTextFile(path: string, bounds: { readonly maxBytes: number }): Promise<string> {
  const file = await openFile(path, bounds);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The path leads to a folder, a pipe or a device. */
export class NoFileError extends VouchError {
  override readonly name = 'Store.NoFileError';

  constructor(path: string) {
    super(`"${path}" is not a regular file`);
  }
}

/** The file cannot be what it is taken for. */
export class LargeFileError extends VouchError {
  override readonly name = 'Store.LargeFileError';

  constructor(path: string, bytes: number, maxBytes: number) {
    super(`"${path}" has ${bytes} bytes`, { metaMessages: [`at most ${maxBytes} are expected`] });
  }
}

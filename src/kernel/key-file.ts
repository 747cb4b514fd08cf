import { stat } from 'node:fs/promises';
import { VouchError } from '../errors.ts';

export interface KeyFile {
  readonly size: number;
  /** Changes when the file does. */
  readonly identity: string;
}

/** What a kernel needs to know of a key's file before it reads it. Refuses what is no file: to open a pipe may never end. */
export async function identifyKeyFile(path: string): Promise<KeyFile> {
  const found = await stat(path, { bigint: true });
  if (!found.isFile()) throw new KeyFileError(path);
  const { dev, ino, size, mtimeNs } = found;
  return { size: Number(size), identity: [dev, ino, size, mtimeNs].join(':') };
}

/** The path of a proving key leads to something else than a file. */
export class KeyFileError extends VouchError {
  override readonly name = 'Kernel.KeyFileError';

  constructor(path: string) {
    super(`The proving key ${path} is not a regular file.`, {
      metaMessages: ['Give the path of the .zkey itself, or its bytes.'],
    });
  }
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNames } from '../store/file-names.ts';

/** The verification file of a directory, or the path itself where it is a file. */
export async function verificationFile(path: string): Promise<string> {
  const isDirectory = await stat(path)
    .then((s) => s.isDirectory())
    .catch(() => false);
  return isDirectory ? join(path, fileNames.verification) : path;
}

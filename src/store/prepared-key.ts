import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import { PREPARED } from '../keys/prepared-format.ts';
import { blindsLike } from '../keys/prepared-header.ts';
import type { Hex32 } from '../verify/json.ts';
import { fileNames } from './file-names.ts';
import type { Manifest } from './manifest.ts';
import { openFile } from './open-file.ts';

/** The path of a directory's prepared key, if there is one; throws where it was made from another key. */
export async function findPrepared(path: string, { files }: Manifest): Promise<string | undefined> {
  const prepared = join(path, fileNames.preparedKey);
  const isListed = files.has(fileNames.preparedKey);
  const isThere = existsSync(prepared);
  if (!isListed && !isThere) return undefined;
  if (!isThere) throw new PreparedKeyError(prepared, path);
  const zkey = { path: join(path, fileNames.provingKey), digest: files.get(fileNames.provingKey) };
  if (!isListed || !(await isMadeFrom(prepared, zkey))) throw new PreparedKeyError(prepared, path);
  return prepared;
}

/** Whether a prepared key says that it was made from this `.zkey`, and hides witnesses as it does. */
async function isMadeFrom(path: string, zkey: { path: string; digest: Hex32 | undefined }): Promise<boolean> {
  const file = await openFile(path, { maxBytes: MAX_BYTES });
  try {
    const head = Buffer.alloc(PREPARED.headBytes);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const isPrepared = head.toString('latin1', 0, PREPARED.magic.length) === PREPARED.magic;
    if (bytesRead !== head.length || !isPrepared) return false;
    const digest = `0x${head.toString('hex', PREPARED.digestAt, PREPARED.digestAt + 32)}`;
    return digest === zkey.digest && (await blindsLike(file, zkey.path));
  } finally {
    await file.close();
  }
}

/** Larger than any key. */
const MAX_BYTES = 2 ** 40;

/** The prepared key that lies beside a proving key is damaged, or was made from another one. */
export class PreparedKeyError extends VouchError {
  override readonly name = 'Store.PreparedKeyError';
  constructor(prepared: string, path: string) {
    super(`"${prepared}" is not the prepared key that the manifest names, or was made from another proving key`, {
      metaMessages: [`Make it again: vouch prepare ${path}`, `Or prove without one: vouch prepare ${path} --remove`],
    });
  }
}

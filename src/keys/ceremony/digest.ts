import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Hex32 } from '../../verify/json.ts';

/** sha256 of a file, as every manifest here gives it. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<Hex32> {
  return `0x${await hashFile('sha256', path, signal)}`;
}

/** BLAKE2b-512 of a file without prefix, as Powers of Tau files are published. */
export function blake2bOfFile(path: string, signal?: AbortSignal): Promise<string> {
  return hashFile('blake2b512', path, signal);
}

/** BLAKE2b-512 of the parts one after the other. */
export function blake2b(parts: readonly Uint8Array[]): string {
  const hash = createHash('blake2b512');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function hashFile(algorithm: string, path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { VouchError } from '../errors.ts';
import type { Hex32 } from '../verify/json.ts';

export interface DownloadOptions {
  /** sha256 of the file; any file where it is left out. */
  readonly digest?: Hex32 | undefined;
  /** More bytes than this are refused. */
  readonly limit: number;
  /** Bytes so far, of all: NaN where the server does not say how many. */
  readonly onProgress?: ((received: number, total: number) => void) | undefined;
}

/** Where a download goes: room for `size` bytes, asked for once, when the size is known. */
export type Reserve = (size: number) => (chunk: Uint8Array, at: number) => void;

/** A whole file. */
export async function download(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  await downloadInto(url, options, (size) => {
    bytes = new Uint8Array(size);
    return (chunk, at) => bytes.set(chunk, at);
  });
  return bytes;
}

/**
 * Streams a file to where it belongs, so that a large one is in memory once, and hashes it on the way. Where the server
 * does not tell the size, or compresses, the file is collected first. What was written is of no use if this throws.
 */
export async function downloadInto(url: URL, options: DownloadOptions, reserve: Reserve): Promise<void> {
  const { digest, limit, onProgress } = options;
  const response = await request(url);
  const total = sizeOf(response);
  if (total > limit) throw new DownloadError(url, `it has ${total} bytes, more than the ${limit} that are accepted`);
  const chunks: Uint8Array[] = [];
  const write = Number.isNaN(total) ? undefined : reserve(total);
  const hash = sha256.create();
  let received = 0;
  for await (const chunk of chunksOf(url, response)) {
    if (received + chunk.length > Math.min(limit, Number.isNaN(total) ? limit : total)) {
      throw new DownloadError(url, `it has more than ${Math.min(limit, total || limit)} bytes`);
    }
    hash.update(chunk);
    if (write === undefined) chunks.push(chunk);
    else write(chunk, received);
    received += chunk.length;
    onProgress?.(received, total);
  }
  if (write !== undefined && received !== total) {
    throw new DownloadError(url, `it ended after ${received} of ${total} bytes`);
  }
  const got: Hex32 = `0x${bytesToHex(hash.digest())}`;
  if (digest !== undefined && got !== digest) {
    throw new DownloadError(url, `it is not the file that the manifest names: expected sha256 ${digest}, got ${got}`);
  }
  if (write !== undefined) return;
  const collect = reserve(received);
  let at = 0;
  for (const chunk of chunks) {
    collect(chunk, at);
    at += chunk.length;
  }
}

async function request(url: URL): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new DownloadError(url, 'the server cannot be reached, or does not allow this page to read the file', cause);
  }
  if (!response.ok) throw new DownloadError(url, `the server answered ${response.status} ${response.statusText}`);
  return response;
}

/** The size of the body, or NaN: what the server says of a compressed one is something else. */
function sizeOf({ headers }: Response): number {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? Number.NaN : Number(length);
}

async function* chunksOf(url: URL, response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new DownloadError(url, 'the connection broke', cause);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** A file of a model did not arrive as it should. */
export class DownloadError extends VouchError {
  override readonly name = 'Web.DownloadError';

  constructor(url: URL, what: string, cause?: unknown) {
    super(`${url.href} could not be used: ${what}.`, {
      metaMessages: ['Check the URL of the compiled model and that all its files come from the same compilation.'],
      cause,
    });
  }
}

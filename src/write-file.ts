import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes the chunks one after the other to a new file beside `path` and renames it at the end,
 * so that an interrupted run leaves no half-written file under the final name.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  { mode = 0o644 }: { readonly mode?: number } = {},
): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'wx', mode);
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
  });
}

/** Lets `write` fill a new file beside `path` and renames it at the end; removes it where `write` fails. */
export async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

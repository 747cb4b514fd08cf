import { renameSync, rmdirSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VouchError } from './errors.ts';
import { withCleanup, withTemporary } from './temporary.ts';

/**
 * Writes the chunks one after the other to a new file beside `path` and renames it at the end,
 * so that an interrupted run leaves no half-written file under the final name.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  { mode = 0o644 }: { readonly mode?: number } = {},
): Promise<void> {
  await replaceFile(path, (temporary) => writeNew(temporary, chunks, mode));
}

/** Lets `write` fill a new file beside `path` and renames it at the end; removes it where `write` fails. */
export function replaceFile<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  return withTemporary(path, (temporary) =>
    describing([path, temporary], async () => {
      const result = await write(temporary);
      await rename(temporary, path);
      return result;
    }),
  );
}

/** Writes one file of a folder. */
export type WriteInto = (name: string, chunks: Iterable<Uint8Array>) => Promise<void>;

/** The path at which another program shall write one file of a folder. */
export type PlaceInto = (name: string) => string;

/**
 * Lets `work` write files of a folder, which is made if need be. They get their names together at the end: where
 * `work` fails or a signal ends the process before, the folder is as it was.
 */
export async function replaceFiles(
  folder: string,
  work: (write: WriteInto, place: PlaceInto) => Promise<void>,
): Promise<void> {
  const made = await describing([folder], () => mkdir(folder, { recursive: true }));
  let finished = false;
  const undo = () => {
    if (!finished && made !== undefined) removeEmpty(folder, dirname(made));
  };
  await withCleanup(undo, () =>
    withTemporary(join(folder, 'new'), (staging) =>
      describing([folder, staging], async () => {
        const names: string[] = [];
        await mkdir(staging);
        const place = (name: string): string => {
          names.push(name);
          return join(staging, name);
        };
        await work((name, chunks) => writeNew(place(name), chunks, 0o644), place);
        // Without a pause, so that no signal is handled between two of them.
        for (const name of names) renameSync(join(staging, name), join(folder, name));
        finished = true;
      }),
    ),
  );
}

async function writeNew(path: string, chunks: Iterable<Uint8Array>, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/** Removes `folder` and its parents up to `end`, as long as they are empty. */
function removeEmpty(folder: string, end: string): void {
  try {
    for (let path = folder; path !== end; path = dirname(path)) rmdirSync(path);
  } catch {
    // Somebody else has put something there, so it stays.
  }
}

/** What the system says about writing as an error of ours; anything else passes through. */
async function describing<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { path } = Object(cause);
    if (isFullDisk(cause)) throw new FullDiskError(paths[0], cause);
    if (cause instanceof Error && paths.some((own) => String(path).startsWith(own))) {
      throw new UnwritableFileError(paths[0], cause);
    }
    throw cause;
  }
}

const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether the system says that there is no room to write. */
export const isFullDisk = (error: unknown): boolean => FULL.includes(Object(error).code);

/** There is no room for the file. */
export class FullDiskError extends VouchError {
  override readonly name = 'FullDiskError';

  constructor(path: string, cause: unknown) {
    super(`"${path}" cannot be written: there is no room for it`, {
      metaMessages: [
        cause instanceof Error ? cause.message : String(cause),
        'Nothing was left there. Free some space or name another place, then repeat the command.',
      ],
      cause,
    });
  }
}

/** The place does not exist or may not be written to. */
export class UnwritableFileError extends VouchError {
  override readonly name = 'UnwritableFileError';

  constructor(path: string, cause: Error) {
    super(`"${path}" cannot be written`, { metaMessages: [cause.message], cause });
  }
}

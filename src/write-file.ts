import { lstatSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VouchError } from './errors.ts';
import { withFolderLock } from './folder-lock.ts';
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

export interface ReplaceOptions {
  /** Looks at the folder while no other process gives names in it; throws where the files shall not get theirs. */
  readonly check?: () => void;
  /** Files that go as the others come, if they are there. */
  readonly remove?: readonly string[];
}

/**
 * Lets `work` write files of a folder, which is made if need be. They get their names together at the end: where
 * `work` fails or a signal ends the process before, the folder is as it was. Of processes that do so at the same time,
 * the files of the last one stay, and all of them.
 */
export async function replaceFiles(
  folder: string,
  work: (write: WriteInto, place: PlaceInto) => Promise<void>,
  { check, remove = [] }: ReplaceOptions = {},
): Promise<void> {
  const made = await makeFolder(folder);
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
        await withFolderLock(join(folder, 'new.lock'), () => {
          check?.();
          for (const name of [...names, ...remove]) refuseFolder(join(folder, name));
          for (const name of names) renameSync(join(staging, name), join(folder, name));
          for (const name of remove) rmSync(join(folder, name), { force: true });
          finished = true;
        });
      }),
    ),
  );
}

/**
 * Gives the folder `made` the name `folder`, and removes the one that had it, which keeps it where that fails. The name
 * never stands for a half, and of processes that do so at the same time the last one stays.
 */
export async function replaceFolder(made: string, folder: string): Promise<void> {
  await withTemporary(folder, (old) =>
    describing([folder, made], () =>
      withFolderLock(`${folder}.lock`, () => {
        const isThere = lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
        if (isThere) renameSync(folder, old);
        try {
          renameSync(made, folder);
        } catch (error) {
          if (isThere) renameSync(old, folder);
          throw error;
        }
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

/** A folder in place of a file would be found when others have their names already. */
function refuseFolder(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UnwritableFileError(path, new Error('It is a folder.'));
  }
}

/**
 * Makes a folder with its parents; answers with the topmost that was not there. Node's own way to do so never ends where
 * a parent can neither be found nor made, as under /proc.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let path = folder; !isThere(path); path = dirname(path)) missing.unshift(path);
  const made: string[] = [];
  try {
    if (missing.length === 0 && !statSync(folder).isDirectory()) throw new Error('It is not a folder.');
    for (const path of missing) {
      await mkdir(path).catch(unlessFolder);
      made.push(path);
    }
  } catch (cause) {
    const last = made.at(-1);
    if (last !== undefined) removeEmpty(last, dirname(made[0]));
    if (isFullDisk(cause)) throw new FullDiskError(folder, cause);
    throw new UnwritableFileError(folder, cause instanceof Error ? cause : new Error(String(cause)));
  }
  return made[0];
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined || dirname(path) === path;
  } catch {
    // A parent is no folder, or may not be looked into.
    return false;
  }
}

/** Somebody else has made it meanwhile. */
function unlessFolder(error: NodeJS.ErrnoException): void {
  const { code, path = '' } = error;
  if (code !== 'EEXIST' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
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

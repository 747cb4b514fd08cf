import { copyFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { VouchError } from '../../errors.ts';
import { chooseKernel } from '../../kernel/choose.ts';
import { digestFile } from '../../store/directory.ts';
import { openFile } from '../../store/open-file.ts';
import type { TrustLevel } from '../../verify/types.ts';
import { makeFolder, replaceFile } from '../../write-file.ts';
import { writeDevelopmentSrs } from './development-srs.ts';
import type { EzklKeys } from './manifest.ts';
import { cacheFolder } from './places.ts';
import { publicSrs } from './public-srs.ts';
import type { CallOptions } from './supervise.ts';
import type { EzklTool } from './tool.ts';

/** Where a structured reference string comes from, and how far it is trusted for that. */
export interface SrsOrigin {
  readonly srs: EzklKeys['srs'];
  readonly trust: TrustLevel;
}

export interface GivenSrs {
  readonly path: string;
  /** SHA-256 in hex: the user vouches for this file though it is not the public one. */
  readonly trusted?: string | undefined;
}

const MIN_LOGROWS = 1;
const MAX_LOGROWS = 26;

/**
 * Copies a file that the user has. The public one of its size is known by its digest and is trusted as a ceremony;
 * another one only if the user names its digest, because whoever made it may be able to forge proofs.
 */
export async function takeSrs({ path, trusted }: GivenSrs, logrows: number, to: string): Promise<SrsOrigin> {
  const size = await srsLogrows(path);
  if (size < logrows) throw new SmallSrsError(path, size, logrows);
  await copyFile(path, to);
  // Of the copy: the file may change in between.
  const digest = (await digestFile(to)).slice(2);
  if (trusted !== undefined && trusted !== digest) throw new OtherSrsError(path, trusted, digest);
  if (publicSrs.includes(digest)) return { srs: 'public', trust: 'ceremony' };
  return { srs: 'given', trust: trusted === undefined ? 'insecure-dev' : 'ceremony' };
}

/** Makes one for development, or takes the one made before: whoever makes it can forge proofs for every model. */
export async function generateSrs(
  ezkl: EzklTool,
  logrows: number,
  to: string,
  options?: CallOptions,
): Promise<SrsOrigin> {
  const folder = join(cacheFolder(), 'insecure-srs');
  const known = await cachedSrs(folder, logrows);
  if (known !== undefined) await copyFile(known, to);
  else {
    await makeSrs(ezkl, logrows, to, options);
    // Named by its digest, so that a damaged one is not taken.
    const digest = (await digestFile(to)).slice(2);
    await keep(to, folder, `k${logrows}-${digest}.srs`);
  }
  return { srs: 'generated', trust: 'insecure-dev' };
}

/** Our kernel makes 2^19 rows in seconds, EZKL in minutes. Which of the two did leaves no trace in what is proved. */
async function makeSrs(ezkl: EzklTool, logrows: number, to: string, options: CallOptions = {}): Promise<void> {
  const { kernel } = chooseKernel();
  try {
    if (await writeDevelopmentSrs(kernel, logrows, to, options)) return;
  } finally {
    await kernel.close();
  }
  await ezkl.call('gen_srs', { srs_path: to, logrows }, options);
}

/** A cache that cannot be written costs the time to make it again, nothing else. */
async function keep(path: string, folder: string, name: string): Promise<void> {
  try {
    await makeFolder(folder);
    await replaceFile(join(folder, name), (temporary) => copyFile(path, temporary));
  } catch {}
}

async function cachedSrs(folder: string, logrows: number): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((file) => file.startsWith(`k${logrows}-`) && file.endsWith('.srs'))) {
    const path = join(folder, name);
    if (basename(name, '.srs') === `k${logrows}-${(await digestFile(path).catch(() => '')).slice(2)}`) return path;
  }
  return undefined;
}

/** A file begins with the logarithm of its rows; the points fill the rest. */
async function srsLogrows(path: string): Promise<number> {
  const file = await openFile(path, { maxBytes: srsBytes(MAX_LOGROWS) }).catch((cause: unknown) => {
    if (cause instanceof VouchError) throw cause;
    throw new VouchError(`"${path}" cannot be read`, { cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const logrows = bytesRead === 4 ? buffer.readUInt32LE() : 0;
    if (logrows < MIN_LOGROWS || logrows > MAX_LOGROWS) throw new NoSrsError(path);
    const expected = srsBytes(logrows);
    const { size } = await file.stat();
    if (size !== expected)
      throw new NoSrsError(path, `it has ${size} bytes, and ${expected} are expected for 2^${logrows} rows`);
    return logrows;
  } finally {
    await file.close();
  }
}

/** Two lists of 2^k points of 64 bytes and two points of the other group: 128 bytes each. */
const srsBytes = (logrows: number): number => 4 + 2 * 64 * 2 ** logrows + 2 * 128;

/** The file is no structured reference string of EZKL's. */
export class NoSrsError extends VouchError {
  override readonly name = 'Backend.NoSrsError';

  constructor(path: string, detail?: string) {
    super(`"${path}" is no structured reference string of EZKL's`, {
      metaMessages: [
        ...(detail === undefined ? [] : [detail]),
        'The public ones lie at https://kzg.ezkl.xyz/kzg<rows>.srs',
      ],
    });
  }
}

export class SmallSrsError extends VouchError {
  override readonly name = 'Backend.SmallSrsError';

  constructor(path: string, logrows: number, needed: number) {
    super(`"${path}" is for 2^${logrows} rows, and the model has 2^${needed}`, {
      metaMessages: [`The public one lies at https://kzg.ezkl.xyz/kzg${needed}.srs`],
    });
  }
}

export class OtherSrsError extends VouchError {
  override readonly name = 'Backend.OtherSrsError';

  constructor(path: string, expected: string, got: string) {
    super(`"${path}" is not the file whose digest was given`, {
      metaMessages: [`expected sha256 ${expected}`, `got ${got}`],
    });
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VouchError } from '../../errors.ts';
import { DigestMismatchError, digestFile, NoKeysError } from '../../store/directory.ts';
import { readTextFile } from '../../store/open-file.ts';
import type { Hex32 } from '../../verify/json.ts';
import { type PlaceInto, replaceFiles, type WriteInto } from '../../write-file.ts';
import {
  decodeEzklManifest,
  type EzklKeys,
  type EzklManifest,
  encodeEzklManifest,
  ezklModelId,
  isEzklManifest,
} from './manifest.ts';
import { publicSrs } from './public-srs.ts';

export const ezklFiles = {
  manifest: 'manifest.json',
  network: 'network.onnx',
  settings: 'settings.json',
  circuit: 'model.compiled',
  srs: 'kzg.srs',
  verifyingKey: 'vk.key',
  provingKey: 'pk.key',
  solidity: 'verifier.sol',
} as const;

export type EzklFile = (typeof ezklFiles)[keyof typeof ezklFiles];

/** What names the model once it has keys. */
export const identityFiles = [
  ezklFiles.network,
  ezklFiles.settings,
  ezklFiles.circuit,
  ezklFiles.srs,
  ezklFiles.verifyingKey,
  ezklFiles.solidity,
] as const;

/** A directory made by this backend. No file of it has been looked at but the manifest. */
export interface EzklFolder {
  readonly path: string;
  readonly manifest: EzklManifest;
}

const MAX_MANIFEST = 1 << 20;

/** EZKL writes some 100 KB. */
export const MAX_SOLIDITY = 1 << 24;

/** Whether a directory was made by this backend. */
export async function isEzklFolder(path: string): Promise<boolean> {
  return isEzklManifest(await readTextFile(join(path, ezklFiles.manifest), { maxBytes: MAX_MANIFEST }).catch(() => ''));
}

export async function openEzklFolder(path: string): Promise<EzklFolder> {
  const file = join(path, ezklFiles.manifest);
  try {
    return { path, manifest: decodeEzklManifest(await readTextFile(file, { maxBytes: MAX_MANIFEST })) };
  } catch (cause) {
    if (cause instanceof VouchError) throw cause;
    throw new VouchError(`"${path}" is not a compiled model: ${ezklFiles.manifest} cannot be read`, {
      metaMessages: ['Make one with: vouch compile model.onnx --backend ezkl -o model.vouch'],
      cause,
    });
  }
}

/** The path of a file, which must be the one that the manifest names. */
export async function checkedFile({ path, manifest }: EzklFolder, name: EzklFile): Promise<string> {
  const file = join(path, name);
  const expected = manifest.files.get(name);
  const got = await digestFile(file).catch((cause: unknown) => {
    if (cause instanceof VouchError) throw cause;
    throw new VouchError(`"${file}" cannot be read`, { metaMessages: ['Compile and set up the model again.'], cause });
  });
  if (got !== expected) throw new DigestMismatchError(file, expected, got);
  return file;
}

/** The contract that EZKL wrote, which must be the one that the manifest names. */
export async function readSolidity(folder: EzklFolder): Promise<string> {
  return readTextFile(await checkedFile(folder, ezklFiles.solidity), { maxBytes: MAX_SOLIDITY });
}

/**
 * The keys of a folder that setup has been through. Whoever hands a folder on can write anything into its manifest, so
 * the model's name is computed again and a reference string is public only by its digest.
 */
export function keysOf({ path, manifest }: EzklFolder): EzklKeys {
  const { keys, files } = manifest;
  if (keys === null) throw new NoKeysError(path);
  const modelId = ezklModelId(manifest, keys, identityFiles);
  if (keys.modelId !== modelId) {
    throw new UntrueManifestError(path, `it names model ${keys.modelId}, and describes ${modelId}`);
  }
  const digest = files.get(ezklFiles.srs)?.slice(2);
  const known = digest !== undefined && publicSrs.includes(digest);
  if (known !== (keys.srs === 'public') || (known && keys.trust !== 'ceremony')) {
    throw new UntrueManifestError(path, `its reference string has sha256 ${digest} and is called ${keys.srs}`);
  }
  if (keys.srs === 'generated' && keys.trust !== 'insecure-dev') {
    throw new UntrueManifestError(path, 'it trusts a reference string that was made for development');
  }
  return keys;
}

/**
 * Lets `work` put files into a folder: it gets the path that each has until all are there, and answers how the manifest
 * follows from their digests. All get their names together; where they add to what was `opened`, only if that is there
 * as it was.
 */
export async function writeEzklFolder(
  path: string,
  work: (place: (name: EzklFile) => string) => Promise<(digests: ReadonlyMap<EzklFile, Hex32>) => EzklManifest>,
  opened?: EzklFolder,
): Promise<EzklManifest> {
  const written: EzklManifest[] = [];
  const check = () => {
    if (opened !== undefined && !isUnchanged(opened)) throw new FolderChangedError(path);
  };
  const put = async (write: WriteInto, place: PlaceInto) => {
    const placed = new Map<EzklFile, string>();
    const describe = await work((name) => {
      const file = place(name);
      placed.set(name, file);
      return file;
    });
    const digests = new Map<EzklFile, Hex32>();
    for (const [name, file] of placed) digests.set(name, await digestFile(file));
    written.push(describe(digests));
    await write(ezklFiles.manifest, [new TextEncoder().encode(encodeEzklManifest(written[0]))]);
  };
  await replaceFiles(path, put, { check });
  return written[0];
}

/** Without a pause: files get their names right afterwards. */
function isUnchanged({ path, manifest }: EzklFolder): boolean {
  try {
    const found = decodeEzklManifest(readFileSync(join(path, ezklFiles.manifest), 'utf8'));
    return encodeEzklManifest(found) === encodeEzklManifest(manifest);
  } catch {
    return false;
  }
}

/** Another command has compiled or set up the model meanwhile. */
export class FolderChangedError extends VouchError {
  override readonly name = 'Backend.FolderChangedError';

  constructor(path: string) {
    super(`"${path}" was changed by another command while this one was at work`, {
      metaMessages: ['Nothing was written. Repeat the command once the other is done.'],
    });
  }
}

/** The manifest says of itself what its own entries do not bear out. */
export class UntrueManifestError extends VouchError {
  override readonly name = 'Backend.UntrueManifestError';

  constructor(path: string, what: string) {
    super(`"${join(path, ezklFiles.manifest)}" was changed since setup`, {
      metaMessages: [what, 'Get the directory again from whoever made it, or repeat the setup.'],
    });
  }
}

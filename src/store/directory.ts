import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { decodeQGraph, encodeQGraph } from '../quant/file.ts';
import { analyseRanges } from '../quant/ranges.ts';
import { lower } from '../r1cs/lower.ts';
import type { Hex32 } from '../verify/json.ts';
import { decodeLayout, encodeLayout } from '../verify/layout.ts';
import { modelIdOf } from '../verify/model-core.ts';
import { decodeModelFile, encodeModelFile, type ModelFile } from '../verify/model-file.ts';
import { replaceFiles, type WriteInto } from '../write-file.ts';
import { fileNames } from './file-names.ts';
import { decodeManifest, encodeManifest, type Manifest, manifestFormat } from './manifest.ts';
import { openFile } from './open-file.ts';
import { findPrepared, PreparedKeyError } from './prepared-key.ts';
import { encodeRecipe, type Recipe } from './recipe.ts';

/** A compiled model on disk, opened: the circuit is rebuilt from the quantised graph, which takes a second at most. */
export interface OpenedModel extends Model {
  readonly path: string;
  readonly manifest: Manifest;
}

const tool = 'vouch 0.1.0';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Writes a compiled model. Keys of an earlier compilation are forgotten: they belong to another circuit. */
export async function writeModel(
  path: string,
  { quantised, layout, digests, recipe }: Model & { readonly recipe: Recipe },
  report: { readonly policy: 'worst-case' | 'calibrated' },
): Promise<Manifest> {
  const contents = new Map<string, Uint8Array>([
    [fileNames.quantised, encodeQGraph(quantised)],
    [fileNames.layout, encodeLayout(layout)],
    [fileNames.recipe, encode(encodeRecipe(recipe))],
    [fileNames.report, encode(`${JSON.stringify(report, null, 1)}\n`)],
  ]);
  const files = new Map([...contents].map(([name, bytes]) => [name, sha256(bytes)]));
  const manifest: Manifest = { format: manifestFormat, tool, ...digests, policy: report.policy, files };
  await replaceFiles(path, async (write) => {
    for (const [name, bytes] of contents) await write(name, [bytes]);
    await write(fileNames.manifest, [encode(encodeManifest(manifest))]);
  });
  return manifest;
}

/**
 * Adds keys to a compiled model: the proving key, the file that strangers verify with, what tells of the ceremony. They
 * take the place of any keys that came meanwhile, but not into another compilation.
 */
export async function writeKeys(
  { path, manifest }: OpenedModel,
  zkey: Iterable<Uint8Array>,
  file: ModelFile,
  transcript?: string,
): Promise<Manifest> {
  const keys = { modelId: modelIdOf(file.core), trust: file.core.trust };
  const verification = encode(encodeModelFile(file));
  const hash = createHash('sha256');
  const files = new Map(manifest.files);
  const put = async (write: WriteInto) => {
    await write(fileNames.provingKey, hashing(zkey, hash));
    files.set(fileNames.provingKey, `0x${hash.digest('hex')}`);
    await write(fileNames.verification, [verification]);
    files.set(fileNames.verification, sha256(verification));
    files.delete(fileNames.transcript);
    files.delete(fileNames.preparedKey);
    if (transcript !== undefined) {
      await write(fileNames.transcript, [encode(transcript)]);
      files.set(fileNames.transcript, sha256(encode(transcript)));
    }
    await write(fileNames.manifest, [encode(encodeManifest({ ...manifest, keys, files }))]);
  };
  const check = () => refuseChange(path, manifest, compilationOf);
  await replaceFiles(path, put, { check, remove: [fileNames.preparedKey] });
  return { ...manifest, keys, files };
}

/** Adds a prepared key to the keys that it was made from, and to no others that came meanwhile. */
export async function writePrepared({ path, manifest }: OpenedModel, chunks: Iterable<Uint8Array>): Promise<Manifest> {
  const hash = createHash('sha256');
  const files = new Map(manifest.files);
  const put = async (write: WriteInto) => {
    await write(fileNames.preparedKey, hashing(chunks, hash));
    files.set(fileNames.preparedKey, `0x${hash.digest('hex')}`);
    await write(fileNames.manifest, [encode(encodeManifest({ ...manifest, files }))]);
  };
  await replaceFiles(path, put, { check: () => refuseChange(path, manifest, unprepared) });
  return { ...manifest, files };
}

/** Removes a prepared key; the key that it was made from stays. */
export async function removePrepared({ path, manifest }: OpenedModel): Promise<Manifest> {
  const files = new Map(manifest.files);
  files.delete(fileNames.preparedKey);
  const put = (write: WriteInto) => write(fileNames.manifest, [encode(encodeManifest({ ...manifest, files }))]);
  const check = () => refuseChange(path, manifest, unprepared);
  await replaceFiles(path, put, { check, remove: [fileNames.preparedKey] });
  return { ...manifest, files };
}

/** What keys are made for. */
const compilationOf = ({ keys: _, ...manifest }: Manifest): Manifest =>
  without(manifest, [fileNames.provingKey, fileNames.preparedKey, fileNames.verification, fileNames.transcript]);

/** What a prepared key is made from. */
const unprepared = (manifest: Manifest): Manifest => without(manifest, [fileNames.preparedKey]);

function without(manifest: Manifest, names: readonly string[]): Manifest {
  return { ...manifest, files: new Map([...manifest.files].filter(([name]) => !names.includes(name))) };
}

/**
 * Throws where a part of the manifest is no longer as it was `opened`. Without a pause: files get their names right
 * afterwards.
 */
function refuseChange(path: string, opened: Manifest, part: (manifest: Manifest) => Manifest): void {
  let found: Manifest;
  try {
    found = decodeManifest(readFileSync(join(path, fileNames.manifest), 'utf8'));
  } catch (cause) {
    throw new DirectoryChangedError(path, cause);
  }
  if (encodeManifest(part(found)) !== encodeManifest(part(opened))) throw new DirectoryChangedError(path);
}

function* hashing(chunks: Iterable<Uint8Array>, hash: Hash): Generator<Uint8Array> {
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Opens a directory and refuses any file that is not what the manifest says. */
export async function openModel(path: string): Promise<OpenedModel> {
  const manifest = decodeManifest(new TextDecoder().decode(await read(path, fileNames.manifest)));
  const quantisedBytes = await readChecked(path, manifest, fileNames.quantised);
  const quantised = decodeQGraph(quantisedBytes);
  const layout = decodeLayout(await readChecked(path, manifest, fileNames.layout));
  const ranges = analyseRanges(quantised);
  const { onnx, externalData, r1cs } = manifest;
  const digests = { onnx, externalData, quantised: manifest.quantised, r1cs };
  return { path, manifest, quantised, ranges, circuit: lower(quantised, ranges), layout, digests };
}

/** What a directory proves with: the path of the key, and the verification file. */
export interface StoredKeys {
  readonly provingKey: string;
  readonly file: ModelFile;
}

/** Which key of a directory is wanted; a kernel is such a choice. */
interface KeyChoice {
  readonly takesPrepared?: boolean | undefined;
  /** Does not look for a prepared key, which may then be any file. */
  readonly ignorePrepared?: boolean;
}

/**
 * The keys of a directory. Where a prepared key lies there and the kernel takes them, that is the proving key; one that is
 * not this key's is refused whoever asks.
 */
export async function openKeys(
  { path, manifest }: Pick<OpenedModel, 'path' | 'manifest'>,
  { takesPrepared, ignorePrepared }: KeyChoice = {},
): Promise<StoredKeys> {
  if (manifest.keys === undefined) throw new NoKeysError(path);
  const text = new TextDecoder().decode(await readChecked(path, manifest, fileNames.verification));
  const file = decodeModelFile(text);
  const prepared = ignorePrepared === true ? undefined : await findPrepared(path, manifest);
  if (prepared !== undefined && takesPrepared === true) {
    const digest = await digestFile(prepared);
    if (digest !== manifest.files.get(fileNames.preparedKey)) throw new PreparedKeyError(prepared, path);
    return { provingKey: prepared, file };
  }
  const provingKey = join(path, fileNames.provingKey);
  const digest = await digestFile(provingKey);
  const expected = manifest.files.get(fileNames.provingKey);
  if (digest !== expected) throw new DigestMismatchError(provingKey, expected, digest);
  return { provingKey, file };
}

async function readChecked(path: string, { files }: Manifest, name: string): Promise<Uint8Array> {
  const bytes = await read(path, name);
  const digest = sha256(bytes);
  const expected = files.get(name);
  if (digest !== expected) throw new DigestMismatchError(join(path, name), expected, digest);
  return bytes;
}

/** What is read at once, as a whole. */
const MAX_READ = 2 ** 31 - 1;

async function read(path: string, name: string): Promise<Uint8Array> {
  try {
    const file = await openFile(join(path, name), { maxBytes: MAX_READ });
    return await file.readFile().finally(() => file.close());
  } catch (cause) {
    throw new VouchError(`"${path}" is not a compiled model: ${name} cannot be read`, {
      metaMessages: ['Make one with: vouch compile model.onnx -o model.vouch'],
      cause,
    });
  }
}

/** Larger than any key, and small enough to be read to its end: a file may have more bytes than the disk. */
const MAX_DIGESTED = 2 ** 40;

export async function digestFile(path: string): Promise<Hex32> {
  const hash = createHash('sha256');
  const file = await openFile(path, { maxBytes: MAX_DIGESTED });
  for await (const chunk of file.createReadStream({ highWaterMark: 2 ** 20 })) hash.update(chunk);
  return `0x${hash.digest('hex')}`;
}

export function sha256(...chunks: Uint8Array[]): Hex32 {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `0x${hash.digest('hex')}`;
}

export class DigestMismatchError extends VouchError {
  override readonly name = 'Store.DigestMismatchError';
  constructor(path: string, expected: Hex32 | undefined, got: Hex32) {
    super(`"${path}" is not the file the manifest names`, {
      metaMessages: [
        `expected sha256 ${expected ?? '(not listed)'}`,
        `got ${got}`,
        'Compile and set up the model again.',
      ],
    });
  }
}

/** Another command has compiled the model anew or given it other keys meanwhile. */
export class DirectoryChangedError extends VouchError {
  override readonly name = 'Store.DirectoryChangedError';
  constructor(path: string, cause?: unknown) {
    super(`"${path}" was changed by another command while this one was at work`, {
      metaMessages: ['Nothing was written. Repeat the command once the other is done.'],
      cause,
    });
  }
}

export class NoKeysError extends VouchError {
  override readonly name = 'Store.NoKeysError';
  constructor(path: string) {
    super(`"${path}" has no keys`, { metaMessages: [`Make them with: vouch setup ${path} --insecure-dev`] });
  }
}

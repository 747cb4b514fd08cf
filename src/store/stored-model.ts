import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import type { Hex32 } from '../verify/json.ts';
import { decodeModelFile, type ModelFile } from '../verify/model-file.ts';
import { digestFile, sha256 } from './directory.ts';
import { fileNames } from './file-names.ts';
import { decodeManifest, type Manifest } from './manifest.ts';
import { decodeRecipe, type Recipe } from './recipe.ts';

/** A directory as it lies there, for who does not believe it: files are read whether or not the manifest names them. */
export interface StoredModel {
  readonly path: string;
  readonly manifest: Manifest;
  readonly recipe: Recipe;
  readonly layout: Uint8Array;
  readonly digests: { readonly quantised: Hex32 };
  readonly keys?: { readonly provingKey: string; readonly file: ModelFile; readonly transcript?: string };
  /** Files that are missing or differ from the manifest. */
  readonly faults: readonly string[];
}

/** Reads a directory without refusing files that differ from the manifest; throws where one is malformed. */
export async function readStoredModel(path: string): Promise<StoredModel> {
  const manifest = decodeManifest(await readText(path, fileNames.manifest));
  if (!manifest.files.has(fileNames.recipe)) throw new NoRecipeError(path);
  const faults: string[] = [];
  for (const [name, expected] of manifest.files) {
    const got = await digestFile(join(path, name)).catch(() => 'missing');
    if (got !== expected) faults.push(`${name}: expected sha256 ${expected}, got ${got}`);
  }
  const [recipe, layout, quantised] = await Promise.all(
    [fileNames.recipe, fileNames.layout, fileNames.quantised].map((name) => read(path, name)),
  );
  const stored = {
    path,
    manifest,
    recipe: decodeRecipe(new TextDecoder().decode(recipe)),
    layout,
    digests: { quantised: sha256(quantised) },
    faults,
  };
  if (manifest.keys === undefined) return stored;
  const file = decodeModelFile(await readText(path, fileNames.verification));
  const provingKey = join(path, fileNames.provingKey);
  if (!manifest.files.has(fileNames.transcript)) return { ...stored, keys: { provingKey, file } };
  return { ...stored, keys: { provingKey, file, transcript: await readText(path, fileNames.transcript) } };
}

async function readText(path: string, name: string): Promise<string> {
  return new TextDecoder().decode(await read(path, name));
}

async function read(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(path, name));
  } catch (cause) {
    throw new VouchError(`"${path}" is not a compiled model: ${name} cannot be read`, { cause });
  }
}

/** The directory does not say how it was compiled. */
export class NoRecipeError extends VouchError {
  override readonly name = 'Store.NoRecipeError';

  constructor(path: string) {
    super(`"${path}" does not say how it was compiled: it lists no ${fileNames.recipe}`, {
      metaMessages: ['It comes from an older version. Compile the model again.'],
    });
  }
}

import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { readCsv } from './csv.ts';
import { DataFileError } from './data-error.ts';
import { type Arrays, type DataSet, type InputShape, matchInputs } from './data-set.ts';
import { readJson, readJsonLines } from './json.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';

const maxFileBytes = 2 ** 30;

/** Reads samples for a model's inputs from a `.json`, `.jsonl`, `.npy`, `.npz` or `.csv` file. */
export async function readData(path: string, inputs: readonly InputShape[]): Promise<DataSet> {
  const bytes = await readBounded(path);
  const text = (): string => new TextDecoder().decode(bytes);
  const formats: Readonly<Record<string, () => Arrays>> = {
    '.json': () => readJson(path, text(), inputs),
    '.jsonl': () => readJsonLines(path, text(), inputs),
    '.npy': () => new Map([['', readNpy(path, bytes)]]),
    '.npz': () => readNpz(path, bytes),
    '.csv': () => readCsv(path, text(), inputs),
  };
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new DataFileError(path, 'has an unknown extension', [`expected one of ${Object.keys(formats).join(', ')}`]);
  }
  return matchInputs(path, format(), inputs);
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes) throw new DataFileError(path, `has ${size} bytes`, [`the limit is ${maxFileBytes}`]);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof DataFileError) throw cause;
    throw new DataFileError(path, 'cannot be read', [cause instanceof Error ? cause.message : String(cause)]);
  }
}

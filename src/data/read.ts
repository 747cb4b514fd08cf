import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodeCsv } from './csv.ts';
import { DataFileError } from './data-error.ts';
import { arrangeSamples, type DataInput, type DataSet } from './data-set.ts';
import { decodeJson, decodeJsonLines } from './json.ts';
import { decodeNpy } from './npy.ts';
import { decodeNpz } from './npz.ts';

const maxBinaryBytes = 2 ** 30;
/** Parsed text takes some ten times its size in memory. */
const maxJsonBytes = 2 ** 27;
const maxCsvBytes = 2 ** 26;

type Decode = (file: string, bytes: Uint8Array, inputs: readonly DataInput[]) => DataSet;

const text =
  (decode: (file: string, text: string, inputs: readonly DataInput[]) => DataSet): Decode =>
  (file, bytes, inputs) =>
    decode(file, new TextDecoder().decode(bytes), inputs);

const formats: Readonly<Record<string, { readonly decode: Decode; readonly maxBytes: number }>> = {
  '.json': { decode: text(decodeJson), maxBytes: maxJsonBytes },
  '.jsonl': { decode: text(decodeJsonLines), maxBytes: maxJsonBytes },
  '.ndjson': { decode: text(decodeJsonLines), maxBytes: maxJsonBytes },
  '.csv': { decode: text(decodeCsv), maxBytes: maxCsvBytes },
  '.npy': { decode: fromNpy, maxBytes: maxBinaryBytes },
  '.npz': { decode: decodeNpz, maxBytes: maxBinaryBytes },
};

/** Reads samples for the inputs of a model; the name's ending tells the format. Anything that does not fit is a `DataFileError`. */
export async function readData(path: string, inputs: readonly DataInput[]): Promise<DataSet> {
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new DataFileError(`"${path}" is of no known data format`, [
      `expected one of ${Object.keys(formats).join(', ')}`,
    ]);
  }
  if (inputs.length === 0) throw new DataFileError(`"${path}" is not needed: the model has no inputs`);
  return format.decode(path, await readBounded(path, format.maxBytes), inputs);
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new DataFileError(`"${path}" has ${size} bytes`, [`The limit is ${maxBytes}; give fewer samples.`]);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof DataFileError) throw cause;
    throw new DataFileError(
      `"${path}" cannot be read`,
      [cause instanceof Error ? cause.message : String(cause)],
      cause,
    );
  }
}

function fromNpy(file: string, bytes: Uint8Array, inputs: readonly DataInput[]): DataSet {
  if (inputs.length !== 1) {
    throw new DataFileError(`"${file}" holds one array, the model has ${inputs.length} inputs`, [
      `Use an .npz with ${inputs.map(({ name }) => `"${name}"`).join(', ')}.`,
    ]);
  }
  return arrangeSamples(file, new Map([[inputs[0].name, decodeNpy(`"${file}"`, bytes)]]), inputs);
}

import type { DataArray } from './array.ts';
import { DataFileError } from './data-error.ts';
import { arrangeSamples, type DataInput, type DataSet } from './data-set.ts';
import { decodeNpy, isNumeric, readNpyHeader } from './npy.ts';
import { listZip, unpackEntry } from './zip.ts';

/**
 * Samples from an `.npz` archive: one array for each input, named like it, or `arr_0`, `arr_1`… in their order.
 * Further arrays of numbers become `extra`; anything else in the archive is left alone.
 */
export function decodeNpz(file: string, bytes: Uint8Array, inputs: readonly DataInput[]): DataSet {
  const arrays = new Map<string, DataArray>();
  const wanted = new Set(inputs.map(({ name }) => name));
  const entries = listZip(`"${file}"`, bytes).filter(({ name }) => name.endsWith('.npy'));
  const keys = entries.map(({ name }) => name.slice(0, -'.npy'.length));
  const unnamed = keys.length >= inputs.length && inputs.every((_, i) => keys.includes(`arr_${i}`));
  const rename = new Map(
    unnamed && !keys.some((key) => wanted.has(key)) ? inputs.map(({ name }, i) => [`arr_${i}`, name]) : [],
  );
  for (const [i, entry] of entries.entries()) {
    const name = rename.get(keys[i]) ?? keys[i];
    if (arrays.has(name)) throw new DataFileError(`"${file}" holds "${name}" twice`);
    const place = `"${keys[i]}" in "${file}"`;
    const unpacked = unpackEntry(`"${file}"`, bytes, entry);
    if (wanted.has(name) || isNumeric(readNpyHeader(place, unpacked))) arrays.set(name, decodeNpy(place, unpacked));
  }
  return arrangeSamples(file, arrays, inputs);
}

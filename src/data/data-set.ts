import type { Shape } from '../tensor/shape.ts';
import { DataFileError } from './data-error.ts';

/** What the reader must know of a model input. */
export interface InputShape {
  readonly name: string;
  readonly shape: Shape;
}

/** Samples for every input of a model, one after the other. */
export interface DataSet {
  readonly samples: number;
  /** By input name: `samples` tensors of the input's shape, concatenated. */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

/** Arrays of a file by name; '' for a file that holds a single nameless one. */
export type Arrays = ReadonlyMap<string, Float64Array>;

export const sizeOfShape = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

/**
 * Matches a file's arrays to the inputs. A nameless array belongs to a model's only input. Arrays that are no input
 * (labels) are ignored. Every input must have the same whole number of samples.
 */
export function matchInputs(path: string, arrays: Arrays, inputs: readonly InputShape[]): DataSet {
  const columns = new Map<string, Float64Array>();
  let samples: number | undefined;
  for (const { name, shape } of inputs) {
    const data = arrays.get(name) ?? (inputs.length === 1 ? arrays.get('') : undefined);
    if (data === undefined) {
      const got = [...arrays.keys()].map((key) => (key === '' ? 'an unnamed array' : `"${key}"`)).join(', ');
      throw new DataFileError(path, `has no data for input "${name}"`, [`it holds ${got || 'nothing'}`]);
    }
    const size = sizeOfShape(shape);
    const count = data.length / size;
    if (!Number.isInteger(count) || count === 0) {
      throw new DataFileError(path, `input "${name}" has ${data.length} numbers`, [
        `expected a multiple of ${size}, the size of [${shape}]`,
      ]);
    }
    if (samples !== undefined && samples !== count) {
      throw new DataFileError(path, `input "${name}" has ${count} samples`, [`other inputs have ${samples}`]);
    }
    samples = count;
    columns.set(name, data);
  }
  return { samples: samples ?? 0, columns };
}

import { type Shape, sizeOf } from '../tensor/shape.ts';
import { type DataArray, maxDataElements, shapeText } from './array.ts';
import { DataFileError } from './data-error.ts';

/** A model input as the data must fill it: the shape of one sample, its batch axis included. */
export interface DataInput {
  readonly name: string;
  readonly shape: Shape;
}

/** Samples for every input of a model. */
export interface DataSet {
  /** The inputs, in the order the model declares them. */
  readonly names: readonly string[];
  readonly samples: number;
  /** By input: `samples` tensors of the input's shape, one after the other. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Further arrays of the file as they lie there, such as `label`. */
  readonly extra: ReadonlyMap<string, DataArray>;
}

/** Whether a file may give a sample as one flat row whatever its shape, several in a row. */
export type RowForm = 'shaped' | 'flat';

/** Fits the arrays of a file to the inputs: each holds one sample or a list of them, and all hold equally many. */
export function arrangeSamples(
  file: string,
  arrays: ReadonlyMap<string, DataArray>,
  inputs: readonly DataInput[],
  form: RowForm = 'shaped',
): DataSet {
  const missing = inputs.filter(({ name }) => !arrays.has(name));
  if (missing.length > 0) {
    throw new DataFileError(`"${file}" has no data for ${missing.map(({ name }) => `"${name}"`).join(', ')}`, [
      `The model's inputs: ${inputs.map(({ name, shape }) => `"${name}" ${shapeText(shape)}`).join(', ')}.`,
      `The file's arrays: ${[...arrays].map(([name, { shape }]) => `"${name}" ${shapeText(shape)}`).join(', ')}.`,
    ]);
  }
  const columns = new Map<string, Float64Array>();
  const extra = new Map<string, DataArray>();
  let samples: number | undefined;
  for (const { name, shape } of inputs) {
    const array = arrays.get(name);
    if (array === undefined) continue;
    const count = countSamples(`"${name}" in "${file}"`, array, shape, form);
    if (samples !== undefined && count !== samples) {
      throw new DataFileError(`"${file}" holds ${count} samples of "${name}" but ${samples} of "${inputs[0].name}"`, [
        'Every input needs the same number of samples.',
      ]);
    }
    samples = count;
    refuseNonFinite(file, name, array, sizeOf(shape));
    columns.set(name, array.data);
  }
  for (const [name, array] of arrays) if (!columns.has(name)) extra.set(name, array);
  return { names: inputs.map(({ name }) => name), samples: samples ?? 0, columns, extra };
}

/**
 * An array holds one sample when its shape is the input's, and a list of them when it has one more axis in front.
 * Axes of size 1 do not count, so neither a batch axis nor a channel axis that only one side writes matters.
 */
function countSamples(place: string, { shape, data }: DataArray, wanted: Shape, form: RowForm): number {
  const one = sizeOf(wanted);
  const solid = (dims: Shape): string => dims.filter((dim) => dim !== 1).join();
  const rows = data.length / one;
  const isRow = (dims: Shape): boolean => solid(dims) === solid(wanted) || solid(dims) === solid([one]);
  if (one > 0 && data.length > 0) {
    if (isRow(shape)) return 1;
    if (isRow(shape.slice(1))) return shape[0];
    if (form === 'flat' && shape.length === 1 && Number.isInteger(rows)) return rows;
  }
  throw new DataFileError(`${place} has shape ${shapeText(shape)}`, [
    `expected ${shapeText(wanted)} for one sample, or one more axis in front for a list of samples`,
  ]);
}

function refuseNonFinite(file: string, name: string, { data }: DataArray, size: number): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new DataFileError(
    `"${file}": "${name}" is ${data[at]} in sample ${Math.floor(at / size)}, element ${at % size}`,
    ['expected a finite number'],
  );
}

/** Puts equally shaped arrays of one input behind each other, as a list of samples. */
export function stackSamples(file: string, name: string, rows: readonly DataArray[]): DataArray {
  const [first] = rows;
  const size = first.data.length;
  if (size * rows.length > maxDataElements) {
    throw new DataFileError(`"${file}" holds more than ${maxDataElements} numbers`, ['Give fewer samples.']);
  }
  const data = new Float64Array(size * rows.length);
  for (const [i, row] of rows.entries()) {
    if (row.shape.join() !== first.shape.join()) {
      throw new DataFileError(`"${file}": sample ${i} of "${name}" has shape ${shapeText(row.shape)}`, [
        `expected ${shapeText(first.shape)} as in sample 0`,
      ]);
    }
    data.set(row.data, i * size);
  }
  return { shape: [rows.length, ...first.shape], data };
}

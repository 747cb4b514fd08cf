import { claimedSize, type DataArray } from './array.ts';
import { DataFileError } from './data-error.ts';
import { arrangeSamples, type DataInput, type DataSet, stackSamples } from './data-set.ts';

const maxRank = 16;

/**
 * Samples from JSON text, in one of these forms:
 * `{"name": array, …}` by input; `{"input_data": [array, …]}` in the order of the inputs; a list of samples in the
 * first form; or, for a model with one input, the array alone. An array holds one sample or a list of them.
 */
export function decodeJson(file: string, text: string, inputs: readonly DataInput[]): DataSet {
  return fromValue(file, parse(`"${file}"`, text), inputs);
}

/** Samples from JSON Lines: one sample on each line, as an object by input or, with one input, as an array. */
export function decodeJsonLines(file: string, text: string, inputs: readonly DataInput[]): DataSet {
  const samples: unknown[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== '') samples.push(parse(`"${file}", line ${i + 1},`, line));
  }
  if (samples.length === 0) throw new DataFileError(`"${file}" holds no samples`);
  return fromList(file, samples, inputs);
}

function parse(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFileError(`${place} is not JSON`, [cause instanceof Error ? cause.message : String(cause)], cause);
  }
}

function fromValue(file: string, value: unknown, inputs: readonly DataInput[]): DataSet {
  if (Array.isArray(value)) return fromList(file, value, inputs);
  if (!isRecord(value)) throw new DataFileError(`"${file}" holds ${kindOf(value)}`, ['expected an object or a list']);
  if ('input_data' in value && !inputs.some(({ name }) => name === 'input_data')) {
    return fromPositions(file, value.input_data, inputs);
  }
  return arrangeSamples(file, readFields(file, value, inputs), inputs);
}

function fromList(file: string, list: readonly unknown[], inputs: readonly DataInput[]): DataSet {
  if (list.length > 0 && list.every(isRecord)) {
    const samples = list.map((sample, i) => readFields(file, sample, inputs, `sample ${i}, `));
    const arrays = new Map<string, DataArray>();
    for (const name of samples[0].keys()) {
      const rows = samples.flatMap((fields) => fields.get(name) ?? []);
      if (rows.length === samples.length) arrays.set(name, stackSamples(file, name, rows));
      else if (inputs.some((input) => input.name === name)) {
        throw new DataFileError(
          `"${file}": sample ${samples.findIndex((fields) => !fields.has(name))} lacks "${name}"`,
        );
      }
    }
    return arrangeSamples(file, arrays, inputs);
  }
  if (inputs.length !== 1) {
    throw new DataFileError(`"${file}" holds a list without names`, [
      `expected {"name": array} for the inputs ${inputs.map(({ name }) => `"${name}"`).join(', ')}`,
    ]);
  }
  const [{ name }] = inputs;
  return arrangeSamples(file, new Map([[name, readArray(file, name, list)]]), inputs);
}

/** The form other provers use: one array for each input, in order, usually flat. */
function fromPositions(file: string, value: unknown, inputs: readonly DataInput[]): DataSet {
  if (!Array.isArray(value))
    throw new DataFileError(`"${file}": "input_data" is ${kindOf(value)}`, ['expected a list']);
  if (value.length !== inputs.length) {
    const [{ name }] = inputs;
    if (inputs.length === 1) {
      return arrangeSamples(file, new Map([[name, readArray(file, 'input_data', value)]]), inputs);
    }
    throw new DataFileError(`"${file}": "input_data" has ${value.length} arrays`, [
      `expected ${inputs.length}: ${inputs.map((input) => `"${input.name}"`).join(', ')}`,
    ]);
  }
  const arrays = new Map(inputs.map(({ name }, i) => [name, readArray(file, `input_data[${i}]`, value[i])]));
  return arrangeSamples(file, arrays, inputs, 'flat');
}

/** The arrays of one object; a field that is no input and not an array of numbers is left out. */
function readFields(
  file: string,
  record: Readonly<Record<string, unknown>>,
  inputs: readonly DataInput[],
  place = '',
): Map<string, DataArray> {
  const arrays = new Map<string, DataArray>();
  for (const [name, value] of Object.entries(record)) {
    if (inputs.some((input) => input.name === name)) arrays.set(name, readArray(file, `${place}${name}`, value));
    else if (isRectangular(value)) arrays.set(name, readArray(file, `${place}${name}`, value));
  }
  return arrays;
}

function isRectangular(value: unknown): boolean {
  const shape = leadingShape(value);
  const holds = (inner: unknown, axis: number): boolean => {
    if (axis === shape.length) return typeof inner === 'number' || typeof inner === 'boolean';
    return Array.isArray(inner) && inner.length === shape[axis] && inner.every((item) => holds(item, axis + 1));
  };
  return shape.length <= maxRank && holds(value, 0);
}

/** The lengths along the first elements, one more than `maxRank` at most. */
function leadingShape(value: unknown): number[] {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner) && shape.length <= maxRank; inner = inner[0]) shape.push(inner.length);
  return shape;
}

/** A number, or nested lists of numbers of equal length. */
function readArray(file: string, name: string, value: unknown): DataArray {
  const shape = leadingShape(value);
  if (shape.length > maxRank) throw new DataFileError(`"${file}": "${name}" is nested deeper than ${maxRank} lists`);
  // Ragged lists make the product of the first lengths exceed what is present; `fill` then reports the place.
  const claimed = claimedSize(`"${name}" in "${file}"`, shape);
  const data = new Float64Array(Math.min(claimed, countLeaves(value, shape.length)));
  let filled = 0;
  const fill = (inner: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      data[filled++] = readNumber(file, `${name}${path}`, inner);
      return;
    }
    if (!Array.isArray(inner) || inner.length !== shape[axis]) {
      const got = Array.isArray(inner) ? `a list of ${inner.length}` : kindOf(inner);
      throw new DataFileError(`"${file}": ${name}${path} is ${got}`, [
        `expected a list of ${shape[axis]}, as before it`,
      ]);
    }
    for (let i = 0; i < inner.length; i++) fill(inner[i], axis + 1, `${path}[${i}]`);
  };
  fill(value, 0, '');
  return { shape, data };
}

function countLeaves(value: unknown, depth: number): number {
  if (depth === 0 || !Array.isArray(value)) return 1;
  if (depth === 1) return value.length;
  let count = 0;
  for (const inner of value) count += countLeaves(inner, depth - 1);
  return count;
}

function readNumber(file: string, place: string, value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new DataFileError(`"${file}": ${place} is ${kindOf(value)}`, ['expected a number']);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)?.slice(0, 40)}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

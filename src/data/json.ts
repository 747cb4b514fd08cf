import { DataFileError } from './data-error.ts';
import type { Arrays, InputShape } from './data-set.ts';

/**
 * `{"name": [...]}` with one or many samples per input, or `{"input_data": [[…], …]}` with one flat list per input in
 * the model's order.
 */
export function readJson(path: string, text: string, inputs: readonly InputShape[]): Arrays {
  return arraysOf(path, parse(path, text), inputs);
}

/** One JSON object per line, one sample each. */
export function readJsonLines(path: string, text: string, inputs: readonly InputShape[]): Arrays {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parts = new Map<string, number[]>(inputs.map(({ name }) => [name, []]));
  for (const [i, line] of lines.entries()) {
    const arrays = arraysOf(`${path}:${i + 1}`, parse(`${path}:${i + 1}`, line), inputs);
    for (const [name, values] of parts) for (const v of arrays.get(name) ?? []) values.push(v);
  }
  return new Map([...parts].map(([name, values]) => [name, Float64Array.from(values)]));
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFileError(path, 'is not JSON', [cause instanceof Error ? cause.message : String(cause)]);
  }
}

function arraysOf(path: string, value: unknown, inputs: readonly InputShape[]): Arrays {
  if (Array.isArray(value)) return new Map([['', flatten(path, 'the list', value)]]);
  if (typeof value !== 'object' || value === null) throw new DataFileError(path, 'holds neither an object nor a list');
  const entries = Object.entries(value);
  const positional = entries.find(([key]) => key === 'input_data' && !inputs.some(({ name }) => name === key));
  if (positional !== undefined) {
    const [, lists] = positional;
    if (!Array.isArray(lists) || lists.length !== inputs.length) {
      const got = Array.isArray(lists) ? lists.length : typeof lists;
      throw new DataFileError(path, '"input_data" does not match the model', [
        `expected ${inputs.length} lists, got ${got}`,
      ]);
    }
    return new Map(inputs.map(({ name }, i) => [name, flatten(path, `input_data[${i}]`, lists[i])]));
  }
  const known = entries.filter(([key]) => inputs.some(({ name }) => name === key));
  return new Map(known.map(([key, list]) => [key, flatten(path, `"${key}"`, list)]));
}

function flatten(path: string, where: string, value: unknown): Float64Array {
  const numbers: number[] = [];
  const visit = (item: unknown, at: string): void => {
    if (Array.isArray(item)) {
      for (let i = 0; i < item.length; i++) visit(item[i], `${at}[${i}]`);
    } else if (typeof item === 'number') numbers.push(item);
    else if (typeof item === 'boolean') numbers.push(item ? 1 : 0);
    else throw new DataFileError(path, `${at} is ${JSON.stringify(item)}`, ['expected a number']);
  };
  visit(value, where);
  return Float64Array.from(numbers);
}

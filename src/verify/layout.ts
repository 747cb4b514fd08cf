import { type Lanes, lanesFor, wordCount } from '../tensor/lanes.ts';
import { sizeOf } from '../tensor/shape.ts';
import {
  type InputVisibility,
  inputVisibilities,
  type OutputVisibility,
  outputVisibilities,
} from '../tensor/visibility.ts';
import {
  asArray,
  asNumber,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type JsonObject,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from './json.ts';
import { type Encoding, encodeTable, layoutFormat, maxTensors, type TableEntry, tableLength } from './layout-table.ts';

/** How a stranger reads a model's signals. Order: outputs, then the binding, then inputs. */
export interface Layout {
  readonly outputs: readonly OutputLayout[];
  readonly inputs: readonly InputLayout[];
}

/** A tensor of integers and what they stand for. `lanes` say how it is packed, or would be. */
export interface TensorLayout extends Lanes {
  readonly name: string;
  readonly shape: readonly number[];
  /** Real value of one unit. */
  readonly scale: number;
}

/** `argmax`: the integers are indices of the largest element along the last axis of what the model computes. */
export interface OutputLayout extends TensorLayout {
  readonly visibility: OutputVisibility;
}

/** Integers stand for scale·q + zero; with `columns`, element i has the scale and bounds of column i mod their number. */
export interface InputLayout extends TensorLayout {
  readonly visibility: InputVisibility;
  readonly zero: number;
  readonly columns?: readonly ColumnLayout[];
}

export interface ColumnLayout {
  readonly scale: number;
  readonly lo: number;
  readonly hi: number;
}

const encodings: Readonly<Record<InputVisibility | OutputVisibility, Encoding>> = {
  private: 0,
  public: 1,
  argmax: 1,
  hashed: 2,
};
const tensorKeys = ['name', 'shape', 'scale', 'lo', 'hi', 'laneBytes', 'lanes', 'visibility'];
const maxColumns = 1 << 16;
const maxText = 1 << 24;

export function layoutJson({ outputs, inputs }: Layout): JsonObject {
  return {
    format: layoutFormat,
    outputs: outputs.map((output) => ({ ...tensorJson(output), visibility: output.visibility })),
    inputs: inputs.map((input) => {
      const { visibility, zero, columns } = input;
      const common = { ...tensorJson(input), visibility, zero };
      if (columns === undefined) return common;
      return { ...common, columns: columns.map(({ scale, lo, hi }) => ({ scale, lo, hi })) };
    }),
  };
}

function tensorJson({ name, shape, scale, lo, hi, laneBytes, lanes }: TensorLayout): JsonObject {
  return { name, shape: [...shape], scale, lo, hi, laneBytes, lanes };
}

/** The bytes that the model's identity and its contract hold: a table for contracts, then the layout as JSON text. */
export function encodeLayout(layout: Layout): Uint8Array {
  const table = encodeTable(layout.outputs.map(entryOf), layout.inputs.map(entryOf));
  const text = new TextEncoder().encode(JSON.stringify(layoutJson(layout)));
  const bytes = new Uint8Array(table.length + text.length);
  bytes.set(table);
  bytes.set(text, table.length);
  return bytes;
}

/** Reads what `encodeLayout` wrote; table and text must say the same, in its spelling. */
export function decodeLayout(bytes: Uint8Array): Layout {
  const start = tableLength(bytes);
  if (start === undefined) throw new MalformedJsonError('layout', 'it does not begin with a table');
  const layout = parseLayout(parseJson(new TextDecoder().decode(bytes.subarray(start)), 'layout', maxText));
  const again = encodeLayout(layout);
  const differs = (byte: number, i: number): boolean => byte !== bytes[i];
  if (again.subarray(0, start).some(differs)) throw new MalformedJsonError('layout', 'its table contradicts its text');
  if (again.length !== bytes.length || again.some(differs)) {
    throw new MalformedJsonError('layout', 'its text is not in the spelling that this version writes');
  }
  return layout;
}

export function parseLayout(json: JsonValue): Layout {
  const layout = asObject(json, 'layout', ['format', 'outputs', 'inputs']);
  asOneOf(fieldOf(layout, 'format', 'layout'), 'layout.format', [layoutFormat]);
  const list = (key: string): readonly JsonValue[] =>
    asArray(fieldOf(layout, key, 'layout'), `layout.${key}`, { max: maxTensors });
  const outputs = list('outputs').map((item, i) => parseOutput(item, `layout.outputs[${i}]`));
  const inputs = list('inputs').map((item, i) => parseInput(item, `layout.inputs[${i}]`));
  requireOwnNames(outputs, 'layout.outputs');
  requireOwnNames(inputs, 'layout.inputs');
  return { outputs, inputs };
}

/** Openings and expectations say which tensor they are about by its name. */
function requireOwnNames(tensors: readonly TensorLayout[], path: string): void {
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (names.has(name)) throw new MalformedJsonError(path, `two tensors are named "${name}"`);
    names.add(name);
  }
}

function parseOutput(json: JsonValue, path: string): OutputLayout {
  const output = asObject(json, path, tensorKeys);
  const visibility = asOneOf(fieldOf(output, 'visibility', path), `${path}.visibility`, outputVisibilities);
  return { ...parseTensor(output, path), visibility };
}

function parseInput(json: JsonValue, path: string): InputLayout {
  const input = asObject(json, path, [...tensorKeys, 'zero', 'columns']);
  const visibility = asOneOf(fieldOf(input, 'visibility', path), `${path}.visibility`, inputVisibilities);
  const zero = asNumber(fieldOf(input, 'zero', path), `${path}.zero`);
  const common = { ...parseTensor(input, path), visibility, zero };
  if (!Object.hasOwn(input, 'columns')) return common;
  const columns = asArray(fieldOf(input, 'columns', path), `${path}.columns`, { max: maxColumns });
  if (columns.length === 0) throw new MalformedJsonError(`${path}.columns`, 'it is empty');
  return { ...common, columns: columns.map((column, i) => parseColumn(column, `${path}.columns[${i}]`, common)) };
}

function parseColumn(json: JsonValue, path: string, whole: Lanes): ColumnLayout {
  const column = asObject(json, path, ['scale', 'lo', 'hi']);
  const [lo, hi] = [asWhole(column, 'lo', path), asWhole(column, 'hi', path)];
  if (lo < whole.lo || hi > whole.hi || lo > hi) {
    throw new MalformedJsonError(path, `its bounds [${lo}, ${hi}] leave those of the tensor`);
  }
  return { scale: asNumber(fieldOf(column, 'scale', path), `${path}.scale`), lo, hi };
}

function parseTensor(tensor: JsonObject, path: string): TensorLayout {
  const shape = asArray(fieldOf(tensor, 'shape', path), `${path}.shape`, { max: 32 }).map((dim) => {
    const length = asNumber(dim, `${path}.shape`);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new MalformedJsonError(`${path}.shape`, `${length} is not a length`);
    }
    return length;
  });
  const [lo, hi] = [asWhole(tensor, 'lo', path), asWhole(tensor, 'hi', path)];
  if (lo > hi || hi - lo > Number.MAX_SAFE_INTEGER) {
    throw new MalformedJsonError(path, `[${lo}, ${hi}] is no interval of exact integers`);
  }
  const expected = lanesFor(lo, hi);
  const [laneBytes, lanes] = [asWhole(tensor, 'laneBytes', path), asWhole(tensor, 'lanes', path)];
  if (laneBytes !== expected.laneBytes || lanes !== expected.lanes) {
    throw new MalformedJsonError(path, `${lanes} lanes of ${laneBytes} bytes do not belong to [${lo}, ${hi}]`);
  }
  return {
    name: asString(fieldOf(tensor, 'name', path), `${path}.name`, { max: 1 << 10 }),
    shape,
    scale: asNumber(fieldOf(tensor, 'scale', path), `${path}.scale`),
    ...expected,
  };
}

function asWhole(object: JsonObject, key: string, path: string): number {
  const value = asNumber(fieldOf(object, key, path), `${path}.${key}`);
  if (!Number.isSafeInteger(value)) throw new MalformedJsonError(`${path}.${key}`, `${value} is not a whole number`);
  return value;
}

/** Public signals of one tensor. */
export function signalsOf(tensor: OutputLayout | InputLayout): number {
  return entryOf(tensor).signals;
}

/** Number of public signals of a model with this layout. */
export function signalCount({ outputs, inputs }: Layout): number {
  return [...outputs, ...inputs].reduce((sum, tensor) => sum + signalsOf(tensor), 1);
}

/** Where the binding stands among the public signals. */
export function bindingIndex({ outputs }: Layout): number {
  return outputs.reduce((sum, output) => sum + signalsOf(output), 0);
}

function entryOf(tensor: OutputLayout | InputLayout): TableEntry {
  const { laneBytes, lo, hi, scale, shape } = tensor;
  const encoding = encodings[tensor.visibility];
  const elements = sizeOf(shape);
  const signals = encoding === 1 ? wordCount(tensor, elements) : encoding === 2 ? 1 : 0;
  return { encoding, laneBytes, signals, elements, lo, hi, scale };
}

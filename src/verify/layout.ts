import type { Scalar } from '../field/bn254.ts';
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
import type { DisplayedTensor } from './proof-file.ts';

/**
 * How a stranger reads a model's signals. Order: packed outputs, then the binding. A packed tensor is offset binary
 * (v − lo) in lanes of whole bytes, first element most significant, `lanes` of them per signal, zero-padded at the low
 * end.
 */
export interface Layout {
  readonly outputs: readonly OutputLayout[];
  readonly inputs: readonly InputLayout[];
}

export interface OutputLayout {
  readonly name: string;
  readonly shape: readonly number[];
  /** Real value of one unit. */
  readonly scale: number;
  readonly lo: number;
  readonly hi: number;
  readonly laneBytes: number;
  readonly lanes: number;
}

export interface InputLayout {
  readonly name: string;
  readonly visibility: 'private';
}

const format = 'vouch-layout-1';
const outputKeys = ['name', 'shape', 'scale', 'lo', 'hi', 'laneBytes', 'lanes'];

export function layoutJson({ outputs, inputs }: Layout): JsonObject {
  return {
    format,
    outputs: outputs.map(({ name, shape, scale, lo, hi, laneBytes, lanes }) => {
      return { name, shape: [...shape], scale, lo, hi, laneBytes, lanes };
    }),
    inputs: inputs.map(({ name, visibility }) => ({ name, visibility })),
  };
}

/** The bytes that the model's identity and its contract hold. */
export function encodeLayout(layout: Layout): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(layoutJson(layout)));
}

export function decodeLayout(text: string): Layout {
  return parseLayout(parseJson(text, 'layout', 1 << 24));
}

export function parseLayout(json: JsonValue): Layout {
  const layout = asObject(json, 'layout', ['format', 'outputs', 'inputs']);
  asOneOf(fieldOf(layout, 'format', 'layout'), 'layout.format', [format]);
  const list = (key: string): readonly JsonValue[] =>
    asArray(fieldOf(layout, key, 'layout'), `layout.${key}`, { max: 1 << 10 });
  return {
    outputs: list('outputs').map((item, i) => parseOutput(item, `layout.outputs[${i}]`)),
    inputs: list('inputs').map((item, i) => {
      const path = `layout.inputs[${i}]`;
      const input = asObject(item, path, ['name', 'visibility']);
      const name = asString(fieldOf(input, 'name', path), `${path}.name`, { max: 1 << 10 });
      return { name, visibility: asOneOf(fieldOf(input, 'visibility', path), `${path}.visibility`, ['private']) };
    }),
  };
}

function parseOutput(json: JsonValue, path: string): OutputLayout {
  const output = asObject(json, path, outputKeys);
  const integer = (key: string): number => {
    const value = asNumber(fieldOf(output, key, path), `${path}.${key}`);
    if (!Number.isSafeInteger(value)) throw new MalformedJsonError(`${path}.${key}`, `${value} is not a whole number`);
    return value;
  };
  const shape = asArray(fieldOf(output, 'shape', path), `${path}.shape`, { max: 32 }).map((dim) =>
    asNumber(dim, `${path}.shape`),
  );
  const laneBytes = integer('laneBytes');
  const lanes = integer('lanes');
  if (laneBytes < 1 || laneBytes > 31 || lanes !== Math.floor(31 / laneBytes)) {
    throw new MalformedJsonError(path, `${lanes} lanes of ${laneBytes} bytes do not fill 31 bytes`);
  }
  return {
    name: asString(fieldOf(output, 'name', path), `${path}.name`, { max: 1 << 10 }),
    shape,
    scale: asNumber(fieldOf(output, 'scale', path), `${path}.scale`),
    lo: integer('lo'),
    hi: integer('hi'),
    laneBytes,
    lanes,
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** Number of public signals of a model with this layout. */
export function signalCount({ outputs }: Layout): number {
  return outputs.reduce((sum, { shape, lanes }) => sum + Math.ceil(sizeOf(shape) / lanes), 1);
}

/** The outputs that signals publish, or `undefined` where a lane lies outside its interval or padding is not zero. */
export function decodeOutputs(layout: Layout, signals: readonly Scalar[]): DisplayedTensor[] | undefined {
  const tensors: DisplayedTensor[] = [];
  let at = 0;
  for (const output of layout.outputs) {
    const integers: bigint[] = [];
    const size = sizeOf(output.shape);
    while (integers.length < size) {
      const lanes = unpackSignal(output, signals[at++], Math.min(output.lanes, size - integers.length));
      if (lanes === undefined) return undefined;
      integers.push(...lanes);
    }
    const values = integers.map((v) => Number(v) * output.scale);
    tensors.push({ name: output.name, shape: output.shape, integers, values });
  }
  return tensors;
}

function unpackSignal({ lo, hi, laneBytes, lanes }: OutputLayout, signal: bigint, count: number): bigint[] | undefined {
  const laneBits = BigInt(8 * laneBytes);
  const total = laneBits * BigInt(lanes);
  if (signal >> total !== 0n) return undefined;
  const values: bigint[] = [];
  for (let j = 0; j < lanes; j++) {
    const lane = BigInt.asUintN(Number(laneBits), signal >> (laneBits * BigInt(lanes - 1 - j)));
    if (j >= count) {
      if (lane !== 0n) return undefined;
      continue;
    }
    if (lane > BigInt(hi) - BigInt(lo)) return undefined;
    values.push(lane + BigInt(lo));
  }
  return values;
}

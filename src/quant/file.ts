import { VouchError } from '../errors.ts';
import type { QGraph } from './qgraph.ts';

/**
 * The quantised graph as bytes: 'VCHQ', version, length of a JSON text, the text, then the arrays it names, each aligned
 * to 8 bytes. Arrays appear in the text as {"$array": [type, byte offset, length]}. The same graph gives the same bytes.
 */
const magic = [0x56, 0x43, 0x48, 0x51];
const version = 1;
const headerBytes = 16;

type NumberArray = Float64Array | Int32Array | Uint8Array;
const arrayTypes = { f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayType = keyof typeof arrayTypes;

export function encodeQGraph(graph: QGraph): Uint8Array {
  const arrays: NumberArray[] = [];
  let offset = 0;
  const text = JSON.stringify(graph, (_key, value: unknown) => {
    if (!isNumberArray(value)) return value;
    const reference = { $array: [typeOf(value), offset, value.length] };
    arrays.push(value);
    offset += align(value.byteLength);
    return reference;
  });
  const json = new TextEncoder().encode(text);
  const start = align(headerBytes + json.length);
  const bytes = new Uint8Array(start + offset);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(4, version, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, headerBytes);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += align(array.byteLength);
  }
  return bytes;
}

/** Reads what `encodeQGraph` wrote. The digest of the file must have been checked before. */
export function decodeQGraph(bytes: Uint8Array): QGraph {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (aligned.length < headerBytes || magic.some((byte, i) => aligned[i] !== byte))
    throw new QGraphFileError('is not one');
  if (view.getUint32(4, true) !== version)
    throw new QGraphFileError(`has version ${view.getUint32(4, true)}, expected ${version}`);
  const length = view.getUint32(8, true);
  const start = align(headerBytes + length);
  if (start > aligned.length) throw new QGraphFileError('ends inside its header');
  const text = new TextDecoder().decode(aligned.subarray(headerBytes, headerBytes + length));
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      isReference(value) ? readArray(aligned, start, value) : value,
    ) as QGraph;
  } catch (cause) {
    if (cause instanceof QGraphFileError) throw cause;
    throw new QGraphFileError('holds damaged text', cause);
  }
}

function readArray(bytes: Uint8Array, start: number, { $array: [type, offset, length] }: ArrayReference): NumberArray {
  const Type = arrayTypes[type];
  const end = start + offset + length * Type.BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(end) || offset < 0 || length < 0 || offset % 8 !== 0 || end > bytes.length) {
    throw new QGraphFileError('names an array outside itself');
  }
  return new Type(bytes.buffer.slice(bytes.byteOffset + start + offset, bytes.byteOffset + end) as ArrayBuffer);
}

interface ArrayReference {
  readonly $array: readonly [type: ArrayType, offset: number, length: number];
}

function isReference(value: unknown): value is ArrayReference {
  return typeof value === 'object' && value !== null && '$array' in value;
}

function isNumberArray(value: unknown): value is NumberArray {
  return value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array;
}

function typeOf(array: NumberArray): ArrayType {
  if (array instanceof Float64Array) return 'f64';
  return array instanceof Int32Array ? 'i32' : 'u8';
}

const align = (bytes: number): number => Math.ceil(bytes / 8) * 8;

export class QGraphFileError extends VouchError {
  override readonly name = 'QGraphFileError';
  constructor(what: string, cause?: unknown) {
    super(`the quantised graph ${what}`, {
      metaMessages: ['Compile the model again with this version.'],
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

import { type DType, integerRange, isInteger } from '../tensor/dtype.ts';
import { smallFloat } from '../tensor/small-floats.ts';
import { OnnxDecodeError } from './decode-error.ts';
import { elementBits } from './element-types.ts';
import type { TensorProto } from './generated/onnx_pb.ts';

/** Elements of a tensor; `inexact` when a 64-bit integer among them was rounded or may have been. */
export interface Elements {
  readonly data: Float64Array;
  readonly inexact: boolean;
}

/** Decodes little-endian raw data, which must have exactly the length that `size` elements take. */
export function elementsOfRaw(name: string, raw: Uint8Array, dtype: DType, size: number): Elements {
  const bits = elementBits(dtype);
  const expected = Math.ceil((size * bits) / 8);
  if (raw.length !== expected) {
    throw new OnnxDecodeError(`tensor "${name}" has ${raw.length} bytes of data`, [
      `expected ${expected} for ${size} elements of ${dtype}`,
    ]);
  }
  const data = new Float64Array(size);
  if (bits < 8) return { data: unpack(data, raw, dtype), inexact: false };
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read = readers[dtype] ?? ((from: DataView, at: number) => decodeCode(dtype, from.getUint8(at)));
  const bytes = bits / 8;
  for (let i = 0; i < size; i++) data[i] = read(view, i * bytes);
  return { data, inexact: isWide(dtype) && !data.every(Number.isSafeInteger) };
}

type Reader = (view: DataView, at: number) => number;

const readers: Partial<Record<DType, Reader>> = {
  float64: (view, at) => view.getFloat64(at, true),
  float32: (view, at) => view.getFloat32(at, true),
  float16: (view, at) => decodeCode('float16', view.getUint16(at, true)),
  bfloat16: (view, at) => decodeCode('bfloat16', view.getUint16(at, true)),
  int64: (view, at) => view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true),
  uint64: (view, at) => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int8: (view, at) => view.getInt8(at),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** Decodes the typed field in which a tensor of this type lies when it has no raw data. */
export function elementsOfField(proto: TensorProto, dtype: DType, size: number): Elements {
  const source = fieldOf(proto, dtype);
  const bits = elementBits(dtype);
  const expected = bits < 8 ? Math.ceil((size * bits) / 8) : size;
  if (source.length !== expected) {
    throw new OnnxDecodeError(`tensor "${proto.name}" has ${source.length} values`, [
      `expected ${expected} for ${size} elements of ${dtype}`,
    ]);
  }
  const data = new Float64Array(size);
  const codes = codeRange(dtype, bits);
  const read = (i: number): number => {
    const value = Number(source[i]);
    if (codes !== undefined && !(value >= codes.min && value <= codes.max)) {
      throw new OnnxDecodeError(`tensor "${proto.name}" has value ${value} at ${i}`, [
        `expected ${codes.min} to ${codes.max} for ${dtype}`,
      ]);
    }
    return value;
  };
  if (bits < 8) {
    const packed = Uint8Array.from(source, (_, i) => read(i));
    return { data: unpack(data, packed, dtype), inexact: false };
  }
  for (let i = 0; i < size; i++) data[i] = isInteger(dtype) ? read(i) : decodeCode(dtype, read(i));
  return { data, inexact: isWide(dtype) && !data.every(Number.isSafeInteger) };
}

function fieldOf(proto: TensorProto, dtype: DType): readonly (number | bigint)[] {
  switch (dtype) {
    case 'float32':
      return proto.floatData;
    case 'float64':
      return proto.doubleData;
    case 'int64':
      return proto.int64Data;
    case 'uint32':
    case 'uint64':
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

/** What the typed field may hold: the integers of the type, or the bit patterns of a narrow float or of packed bytes. */
function codeRange(dtype: DType, bits: number): { readonly min: number; readonly max: number } | undefined {
  if (dtype === 'float32' || dtype === 'float64' || dtype === 'bool') return undefined;
  if (isInteger(dtype) && bits >= 8) return integerRange(dtype);
  return { min: 0, max: 2 ** Math.max(bits, 8) - 1 };
}

const isWide = (dtype: DType): boolean => dtype === 'int64' || dtype === 'uint64';

/** Elements of 2 or 4 bits lie in bytes, the first in the lowest bits. */
function unpack(data: Float64Array, bytes: Uint8Array, dtype: DType): Float64Array {
  const bits = elementBits(dtype);
  const mask = 2 ** bits - 1;
  for (let i = 0; i < data.length; i++)
    data[i] = decodeCode(dtype, (bytes[(i * bits) >>> 3] >> ((i * bits) & 7)) & mask);
  return data;
}

/** The value of a narrow bit pattern; integers of 2 and 4 bits are sign-extended, any truth is 1. */
function decodeCode(dtype: DType, code: number): number {
  if (dtype === 'int4') return code >= 8 ? code - 16 : code;
  if (dtype === 'int2') return code >= 2 ? code - 4 : code;
  if (dtype === 'bool') return code === 0 ? 0 : 1;
  return smallFloat(dtype, code) ?? code;
}

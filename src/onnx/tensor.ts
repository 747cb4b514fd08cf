import type { DType } from '../tensor/dtype.ts';
import { isInteger } from '../tensor/dtype.ts';
import { smallFloat } from '../tensor/small-floats.ts';
import { OnnxDecodeError } from './decode-error.ts';
import { dtypeOf, elementBits } from './element-types.ts';
import type { SparseTensorProto, TensorProto } from './generated/onnx_pb.ts';
import { TensorProto_DataLocation } from './generated/onnx_pb.ts';
import type { NumericTensor, OnnxTensor } from './model.ts';

/** Returns the bytes of an external data file by its `location`. */
export type ExternalData = (location: string) => Uint8Array;

export interface DecodeLimits {
  /** Elements of one tensor. */
  readonly maxElements: number;
  readonly maxNodes: number;
  /** Depth of graphs within attributes. */
  readonly maxDepth: number;
}

export const defaultLimits: DecodeLimits = { maxElements: 2 ** 28, maxNodes: 200_000, maxDepth: 32 };

/** Decodes a tensor into float64, checking its claims against the bytes present before any memory is taken. */
export function decodeTensorProto(proto: TensorProto, limits: DecodeLimits, external?: ExternalData): OnnxTensor {
  const { name } = proto;
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) throw new OnnxDecodeError(`tensor "${name}" has unknown element type ${proto.dataType}`);
  const dims = proto.dims.map(Number);
  const size = checkedSize(name, dims, limits);
  if (dtype === 'string') return { name, dtype, dims, strings: decodeStrings(proto, size) };
  if (dtype === 'complex64' || dtype === 'complex128') {
    throw new OnnxDecodeError(`tensor "${name}" holds complex numbers`, ['Only real numbers can be proved.']);
  }
  const raw = rawBytes(proto, external);
  const { data, inexact } = raw === undefined ? fromFields(proto, dtype, size) : fromRaw(name, raw, dtype, size);
  return { name, dtype, dims, data, inexact };
}

/** Densifies a sparse initialiser. */
export function decodeSparse(proto: SparseTensorProto, limits: DecodeLimits, external?: ExternalData): OnnxTensor {
  if (proto.values === undefined || proto.indices === undefined) {
    throw new OnnxDecodeError('a sparse tensor lacks its values or indices');
  }
  const values = decodeTensorProto(proto.values, limits, external);
  const indices = decodeTensorProto(proto.indices, limits, external);
  if (values.dtype === 'string' || indices.dtype === 'string') throw new OnnxDecodeError('a sparse tensor of strings');
  const dims = proto.dims.map(Number);
  const data = new Float64Array(checkedSize(values.name, dims, limits));
  const rank = indices.dims.length === 2 ? indices.dims[1] : 1;
  for (let i = 0; i < values.data.length; i++) {
    let at = 0;
    if (rank === 1 && dims.length !== 1) at = indices.data[i];
    else for (let axis = 0; axis < rank; axis++) at = at * dims[axis] + indices.data[i * rank + axis];
    if (!(at >= 0 && at < data.length))
      throw new OnnxDecodeError(`sparse tensor "${values.name}" has an index outside it`);
    data[at] = values.data[i];
  }
  return { name: values.name, dtype: values.dtype, dims, data, inexact: values.inexact };
}

function checkedSize(name: string, dims: readonly number[], limits: DecodeLimits): number {
  let size = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw new OnnxDecodeError(`tensor "${name}" has dimension ${dim}`);
    size *= dim;
  }
  if (size > limits.maxElements) {
    throw new OnnxDecodeError(`tensor "${name}" claims ${size} elements`, [`the limit is ${limits.maxElements}`]);
  }
  return size;
}

function rawBytes(proto: TensorProto, external: ExternalData | undefined): Uint8Array | undefined {
  if (proto.dataLocation !== TensorProto_DataLocation.EXTERNAL)
    return proto.rawData.length > 0 ? proto.rawData : undefined;
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (external === undefined) {
    throw new OnnxDecodeError(`tensor "${proto.name}" lies in "${location}"`, [
      'Read the model by its path, with that file beside it.',
    ]);
  }
  const file = external(location);
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? file.length - offset);
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0 ||
    offset + length > file.length
  ) {
    throw new OnnxDecodeError(`tensor "${proto.name}" claims bytes ${offset}+${length} of "${location}"`, [
      `the file has ${file.length}`,
    ]);
  }
  return file.subarray(offset, offset + length);
}

interface Decoded {
  readonly data: Float64Array;
  readonly inexact: boolean;
}

function fromRaw(name: string, raw: Uint8Array, dtype: DType, size: number): Decoded {
  const expected = Math.ceil((size * elementBits(dtype)) / 8);
  if (raw.length !== expected) {
    throw new OnnxDecodeError(`tensor "${name}" has ${raw.length} bytes of data`, [
      `expected ${expected} for ${size} × ${dtype}`,
    ]);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = new Float64Array(size);
  const bits = elementBits(dtype);
  let inexact = false;
  if (bits < 8) {
    for (let i = 0; i < size; i++)
      data[i] = narrow(dtype, (raw[(i * bits) >> 3] >> ((i * bits) & 7)) & (2 ** bits - 1));
    return { data, inexact };
  }
  const step = bits / 8;
  for (let i = 0; i < size; i++) {
    const at = i * step;
    if (bits === 64 && dtype !== 'float64') {
      const wide = dtype === 'int64' ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
      data[i] = Number(wide);
      if (!Number.isSafeInteger(data[i])) inexact = true;
    } else data[i] = readElement(view, at, dtype);
  }
  return { data, inexact };
}

function readElement(view: DataView, at: number, dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return view.getFloat32(at, true);
    case 'float64':
      return view.getFloat64(at, true);
    case 'int32':
      return view.getInt32(at, true);
    case 'uint32':
      return view.getUint32(at, true);
    case 'int16':
      return view.getInt16(at, true);
    case 'uint16':
      return view.getUint16(at, true);
    case 'int8':
      return view.getInt8(at);
    case 'float16':
    case 'bfloat16':
      return narrow(dtype, view.getUint16(at, true));
    default:
      return narrow(dtype, view.getUint8(at));
  }
}

/** The value of a narrow bit pattern; integers of 2 and 4 bits are sign-extended. */
function narrow(dtype: DType, code: number): number {
  const float = smallFloat(dtype, code);
  if (float !== undefined) return float;
  if (dtype === 'int4') return code >= 8 ? code - 16 : code;
  if (dtype === 'int2') return code >= 2 ? code - 4 : code;
  return code;
}

function fromFields(proto: TensorProto, dtype: DType, size: number): Decoded {
  const bits = elementBits(dtype);
  const packed = bits < 8;
  const source = fieldOf(proto, dtype);
  const expected = packed ? Math.ceil((size * bits) / 8) : size;
  if (source.length !== expected && !(packed && source.length === size)) {
    throw new OnnxDecodeError(`tensor "${proto.name}" has ${source.length} values`, [
      `expected ${expected} for ${dtype}`,
    ]);
  }
  const data = new Float64Array(size);
  let inexact = false;
  for (let i = 0; i < size; i++) {
    if (packed && source.length !== size) {
      data[i] = narrow(dtype, (Number(source[(i * bits) >> 3]) >> ((i * bits) & 7)) & (2 ** bits - 1));
      continue;
    }
    const value = Number(source[i]);
    data[i] = isInteger(dtype) && !packed ? value : narrow(dtype, value);
    if (isInteger(dtype) && !Number.isSafeInteger(value)) inexact = true;
  }
  return { data, inexact };
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

function decodeStrings(proto: TensorProto, size: number): string[] {
  if (proto.stringData.length !== size) {
    throw new OnnxDecodeError(`tensor "${proto.name}" has ${proto.stringData.length} strings`, [`expected ${size}`]);
  }
  const decoder = new TextDecoder();
  return proto.stringData.map((bytes) => decoder.decode(bytes));
}

/** A tensor that must be numeric. */
export function numeric(tensor: OnnxTensor): NumericTensor {
  if (tensor.dtype === 'string') throw new OnnxDecodeError(`tensor "${tensor.name}" holds strings`);
  return tensor;
}

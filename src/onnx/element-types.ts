import type { DType } from '../tensor/dtype.ts';

/** `TensorProto.DataType` by its number. */
const names: readonly (DType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

export const dtypeOf = (code: number): DType | undefined => names[code];

const bitsOf: Readonly<Record<string, number>> = {
  float64: 64,
  int64: 64,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  float32: 32,
  int32: 32,
  uint32: 32,
  float16: 16,
  bfloat16: 16,
  int16: 16,
  uint16: 16,
  int4: 4,
  uint4: 4,
  float4e2m1: 4,
  int2: 2,
  uint2: 2,
};

/** Bits of one element in `raw_data`. */
export const elementBits = (dtype: DType): number => bitsOf[dtype] ?? 8;

/** Element types of ONNX. Every numeric one is held in float64 arrays; see `isReal`, `isInteger` for their meaning. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float8e8m0'
  | 'float4e2m1'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'int4'
  | 'int2'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'uint4'
  | 'uint2'
  | 'bool'
  | 'string'
  | 'complex64'
  | 'complex128';

export const isReal = (dtype: DType): boolean => dtype.startsWith('float') || dtype === 'bfloat16';
export const isInteger = (dtype: DType): boolean => dtype.startsWith('int') || dtype.startsWith('uint');

/** Smallest and largest value of an integer type; of the 64-bit ones the upper bound is rounded to float64. */
export function integerRange(dtype: DType): { readonly min: number; readonly max: number } | undefined {
  const match = /^(u?)int(\d+)$/.exec(dtype);
  if (match === null) return undefined;
  const bits = Number(match[2]);
  return match[1] === 'u' ? { min: 0, max: 2 ** bits - 1 } : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

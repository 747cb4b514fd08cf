import type { DType } from '../tensor/dtype.ts';

/** Width in bits and signedness of an integer type. */
export function integerWidth(dtype: DType): { readonly width: number; readonly signed: boolean } {
  const match = /^(u?)int(\d+)$/.exec(dtype);
  return { width: match === null ? 1 : Number(match[2]), signed: match !== null && match[1] === '' };
}

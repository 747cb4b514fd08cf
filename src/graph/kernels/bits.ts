/** Bitwise operations on float64 integers of up to 53 bits, as two 26/27-bit halves. */
const half = 2 ** 26;

type Pairwise = (a: number, b: number) => number;
const pairwise: Record<'and' | 'or' | 'xor', Pairwise> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/** Two's complement over `width` ≤ 52 bits; operands and result in the (un)signed range of that width. */
export function bitwise(
  op: 'and' | 'or' | 'xor',
  a: Float64Array,
  b: Float64Array,
  width: number,
  signed: boolean,
): Float64Array {
  const f = pairwise[op];
  const modulus = 2 ** width;
  return a.map((value, i) => {
    const x = value < 0 ? value + modulus : value;
    const y = b[i] < 0 ? b[i] + modulus : b[i];
    const high = f(Math.floor(x / half), Math.floor(y / half));
    const low = f(x % half, y % half);
    return wrapInteger(high * half + low, width, signed);
  });
}

/** The representative of x modulo 2^width in the (un)signed range. */
export function wrapInteger(x: number, width: number, signed: boolean): number {
  const modulus = 2 ** width;
  const rest = x - modulus * Math.floor(x / modulus);
  return signed && rest >= modulus / 2 ? rest - modulus : rest;
}

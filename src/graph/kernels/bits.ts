const half = 2 ** 26;

type Pairwise = (a: number, b: number) => number;
const pairwise: Record<'and' | 'or' | 'xor', Pairwise> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/**
 * Bitwise operation on two's complement with endless sign extension, exact for integers below 2^53: the high halves
 * carry the sign and fit the engine's 32-bit operators. Operands of one integer type give a result of that type.
 */
export function bitwise(op: 'and' | 'or' | 'xor', a: Float64Array, b: Float64Array): Float64Array {
  const f = pairwise[op];
  return a.map((x, i) => {
    const y = b[i];
    const xHigh = Math.floor(x / half);
    const yHigh = Math.floor(y / half);
    return f(xHigh, yHigh) * half + f(x - xHigh * half, y - yHigh * half);
  });
}

/** The representative of x modulo 2^width in the (un)signed range. */
export function wrapInteger(x: number, width: number, signed: boolean): number {
  const modulus = 2 ** width;
  const rest = x - modulus * Math.floor(x / modulus);
  return signed && rest >= modulus / 2 ? rest - modulus : rest;
}

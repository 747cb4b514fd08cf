/** A smooth function of one variable, named so that a quantised model can be read without the float one. */
export interface SmoothFunction {
  readonly name: SmoothName;
  /** Parameters in the order the table below names them. */
  readonly parameters: readonly number[];
}

export type SmoothName = keyof typeof smooth;

/** Complementary to the power series below |x| = 3, the continued fraction of erfc above: error under 1e-15. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / ((z + fraction) * Math.sqrt(Math.PI)));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Every smooth function the primitives know: value at x, with the parameters of the ONNX operator. */
export const smooth = {
  sigmoid: (x: number) => sigmoid(x),
  tanh: (x: number) => Math.tanh(x),
  exp: (x: number) => Math.exp(x),
  log: (x: number) => Math.log(x),
  erf: (x: number) => erf(x),
  gelu: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  geluTanh: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  silu: (x: number, alpha: number) => x * sigmoid(alpha * x),
  softplus: (x: number) => softplus(x),
  softsign: (x: number) => x / (1 + Math.abs(x)),
  elu: (x: number, alpha: number) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (x: number, alpha: number, gamma: number) => gamma * (x < 0 ? alpha * Math.expm1(x) : x),
  celu: (x: number, alpha: number) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)),
  mish: (x: number) => x * Math.tanh(softplus(x)),
  sin: (x: number) => Math.sin(x),
  cos: (x: number) => Math.cos(x),
  tan: (x: number) => Math.tan(x),
  asin: (x: number) => Math.asin(x),
  acos: (x: number) => Math.acos(x),
  atan: (x: number) => Math.atan(x),
  sinh: (x: number) => Math.sinh(x),
  cosh: (x: number) => Math.cosh(x),
  asinh: (x: number) => Math.asinh(x),
  acosh: (x: number) => Math.acosh(x),
  atanh: (x: number) => Math.atanh(x),
  /** x^exponent for x > 0 and an exponent that is not a small integer. */
  power: (x: number, exponent: number) => x ** exponent,
  /** base^x for base > 0. */
  powerOf: (x: number, base: number) => base ** x,
  rsqrt: (x: number) => 1 / Math.sqrt(x),
} as const satisfies Record<string, (x: number, ...parameters: number[]) => number>;

/** The function as a closure over its parameters. */
export function smoothOf(fn: SmoothFunction): (x: number) => number {
  const f: (x: number, ...parameters: number[]) => number = smooth[fn.name];
  const [a, b] = fn.parameters;
  return (x) => f(x, a, b);
}

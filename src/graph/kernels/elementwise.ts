export function add(inputs: readonly Float64Array[], coefficients: readonly number[]): Float64Array {
  const y = new Float64Array(inputs[0].length);
  inputs.forEach((x, j) => {
    const c = coefficients[j];
    for (let i = 0; i < y.length; i++) y[i] += c * x[i];
  });
  return y;
}

export function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const y = new Float64Array(a.length);
  for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i];
  return y;
}

/** Batched [m, k] × [k, n]. */
export function matmul(
  a: Float64Array,
  b: Float64Array,
  { batch, m, k, n }: { batch: number; m: number; k: number; n: number },
): Float64Array {
  const y = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      const out = (z * m + i) * n;
      for (let j = 0; j < k; j++) {
        const w = a[(z * m + i) * k + j];
        const row = (z * k + j) * n;
        for (let c = 0; c < n; c++) y[out + c] += w * b[row + c];
      }
    }
  }
  return y;
}

export function compare(relation: 'lt' | 'le' | 'eq', a: Float64Array, b: Float64Array): Float64Array {
  const y = new Float64Array(a.length);
  if (relation === 'lt') for (let i = 0; i < y.length; i++) y[i] = a[i] < b[i] ? 1 : 0;
  else if (relation === 'le') for (let i = 0; i < y.length; i++) y[i] = a[i] <= b[i] ? 1 : 0;
  else for (let i = 0; i < y.length; i++) y[i] = a[i] === b[i] ? 1 : 0;
  return y;
}

export function select(condition: Float64Array, a: Float64Array, b: Float64Array): Float64Array {
  return condition.map((c, i) => (c !== 0 ? a[i] : b[i]));
}

/** Nearest integer, ties to even. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const rounders = { floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, even: roundEven };

export function round(mode: keyof typeof rounders, x: Float64Array): Float64Array {
  return x.map(rounders[mode]);
}

/** Floor of a / b for integers below 2^53, exact where the float quotient is not. */
export function floorDivide(a: number, b: number): number {
  const q = Math.floor(a / b);
  const rest = a - q * b;
  if (b > 0) return rest < 0 ? q - 1 : rest >= b ? q + 1 : q;
  return rest > 0 ? q - 1 : rest <= b ? q + 1 : q;
}

export function truncDivide(a: number, b: number): number {
  const q = floorDivide(a, b);
  return q < 0 && q * b !== a ? q + 1 : q;
}

import { InternalError } from '../errors.ts';

declare const scalarBrand: unique symbol;

/** An element of BN254's scalar field in canonical form: 0 ≤ value < `SCALAR_MODULUS`. */
export type Scalar = bigint & { readonly [scalarBrand]: true };

/** r: the order of the groups; constraints and witnesses live modulo r. */
export const SCALAR_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** q: the field of point coordinates. */
export const BASE_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** r − 1 is divisible by 2^28: the largest domain has 2^28 points. */
export const TWO_ADICITY = 28;

/** The element congruent to `value`, which may be negative or above r. */
export function toScalar(value: bigint | number): Scalar {
  const reduced = BigInt(value) % SCALAR_MODULUS;
  return brand(reduced < 0n ? reduced + SCALAR_MODULUS : reduced);
}

export function isScalar(value: bigint): value is Scalar {
  return value >= 0n && value < SCALAR_MODULUS;
}

/** The representative of smallest magnitude, −(r−1)/2 … (r−1)/2: how people read a field element. */
export function toSigned(value: Scalar): bigint {
  return value > SCALAR_MODULUS >> 1n ? value - SCALAR_MODULUS : value;
}

export function add(left: Scalar, right: Scalar): Scalar {
  const sum = left + right;
  return brand(sum >= SCALAR_MODULUS ? sum - SCALAR_MODULUS : sum);
}

export function subtract(left: Scalar, right: Scalar): Scalar {
  return brand(left >= right ? left - right : left - right + SCALAR_MODULUS);
}

export function multiply(left: Scalar, right: Scalar): Scalar {
  return brand((left * right) % SCALAR_MODULUS);
}

/** base^exponent for exponent ≥ 0. */
export function power(base: Scalar, exponent: bigint): Scalar {
  let result = toScalar(1n);
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

/** 1 / value; `value` must not be zero. */
export function invert(value: Scalar): Scalar {
  if (value === 0n) throw new InternalError('Zero has no inverse.');
  return power(value, SCALAR_MODULUS - 2n);
}

/** 1 / value for each, and 0 for 0: one inversion and three multiplications per element. */
export function invertMany(values: readonly Scalar[]): Scalar[] {
  const before: Scalar[] = [];
  let product = toScalar(1n);
  for (const value of values) {
    before.push(product);
    if (value !== 0n) product = multiply(product, value);
  }
  const inverses = values.slice();
  let rest = invert(product);
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === 0n) continue;
    inverses[i] = multiply(rest, before[i]);
    rest = multiply(rest, values[i]);
  }
  return inverses;
}

/** The generator of the 2^logSize roots of unity that snarkjs uses: 5^((r−1) / 2^logSize). */
export function rootOfUnity(logSize: number): Scalar {
  if (logSize > TWO_ADICITY) throw new InternalError(`There is no domain of 2^${logSize} points.`);
  return power(toScalar(5n), (SCALAR_MODULUS - 1n) >> BigInt(logSize));
}

/** A uniform non-zero element from the operating system's random source. */
export function randomScalar(): Scalar {
  const bytes = new Uint8Array(32);
  for (;;) {
    crypto.getRandomValues(bytes);
    let value = 0n;
    for (const byte of bytes) value = (value << 8n) | BigInt(byte);
    value >>= 2n;
    bytes.fill(0);
    if (value > 0n && isScalar(value)) return value;
  }
}

/** The only place where a bigint becomes a `Scalar`: every caller has reduced it. */
function brand(reduced: bigint): Scalar {
  return reduced as Scalar;
}

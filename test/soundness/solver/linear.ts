import { SCALAR_MODULUS, type Scalar, toSigned } from '../../../src/field/bn254.ts';
import { resolve } from '../../../src/field/vector.ts';
import type { Matrix, System } from '../../../src/r1cs/system.ts';

/** constant + Σ coefficient·wire in the field; no coefficient is zero. */
export interface Linear {
  readonly constant: bigint;
  readonly terms: ReadonlyMap<number, bigint>;
}

/** a·b = c. */
export interface Row {
  readonly a: Linear;
  readonly b: Linear;
  readonly c: Linear;
}

export const mod = (value: bigint): bigint => {
  const rest = value % SCALAR_MODULUS;
  return rest < 0n ? rest + SCALAR_MODULUS : rest;
};

/** The integer of smallest magnitude that stands for a field element. */
export const signed = (value: bigint): bigint => toSigned(mod(value) as Scalar);

export function inverse(value: bigint): bigint {
  let [a, b, x, y] = [mod(value), SCALAR_MODULUS, 1n, 0n];
  while (b > 0n) {
    const q = a / b;
    [a, b, x, y] = [b, a - q * b, y, x - q * y];
  }
  return mod(x);
}

/** The rows of a system; wire 0 becomes the constant. */
export function rowsOf(system: System): Row[] {
  const side = ({ rowPtr, wire, coefficient }: Matrix, row: number): Linear => {
    const terms = new Map<number, bigint>();
    let constant = 0n;
    for (let i = rowPtr[row]; i < rowPtr[row + 1]; i++) {
      const value = resolve(coefficient[i], system.big);
      if (wire[i] === 0) constant += value;
      else terms.set(wire[i], mod((terms.get(wire[i]) ?? 0n) + value));
    }
    return { constant: mod(constant), terms };
  };
  return Array.from({ length: system.rows }, (_, row) => ({
    a: side(system.a, row),
    b: side(system.b, row),
    c: side(system.c, row),
  }));
}

/** factor·x + y. */
export function addScaled(x: Linear, factor: bigint, y: Linear): Linear {
  const terms = new Map(y.terms);
  for (const [wire, coefficient] of x.terms) {
    const sum = mod((terms.get(wire) ?? 0n) + factor * coefficient);
    if (sum === 0n) terms.delete(wire);
    else terms.set(wire, sum);
  }
  return { constant: mod(y.constant + factor * x.constant), terms };
}

/** The expression with known wires replaced by their values. */
export function reduce(x: Linear, values: readonly (bigint | undefined)[]): Linear {
  let constant = x.constant;
  const terms = new Map<number, bigint>();
  for (const [wire, coefficient] of x.terms) {
    const value = values[wire];
    if (value === undefined) terms.set(wire, coefficient);
    else constant += coefficient * value;
  }
  return { constant: mod(constant), terms };
}

export function sameLinear(x: Linear, y: Linear): boolean {
  if (x.constant !== y.constant || x.terms.size !== y.terms.size) return false;
  for (const [wire, coefficient] of x.terms) if (y.terms.get(wire) !== coefficient) return false;
  return true;
}

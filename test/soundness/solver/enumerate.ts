import { SCALAR_MODULUS } from '../../../src/field/bn254.ts';
import { type Bounds, rangeOf } from './bounds.ts';
import { type Linear, mod, signed } from './linear.ts';

export type Assignment = readonly (readonly [wire: number, value: bigint])[];

/**
 * Every choice of bounded wires that makes an expression zero, at most `most`; `undefined` when there are more, or when a
 * wire is unbounded or the expression could wrap. Wires with large coefficients come first: their values are nearly
 * determined by what the others can still add.
 */
export function zerosOf(form: Linear, bounds: readonly (Bounds | undefined)[], most: number): Assignment[] | undefined {
  const range = rangeOf({ constant: 0n, terms: form.terms }, bounds);
  if (range === undefined || range.hi - range.lo >= SCALAR_MODULUS) return undefined;
  // The one integer in reach that is congruent to what the wires must add up to.
  const target = range.lo + mod(-form.constant - range.lo);
  if (target > range.hi) return [];
  const order = [...form.terms].map(([wire, coefficient]) => ({ wire, k: signed(coefficient) }));
  order.sort((x, y) => (magnitude(x.k) > magnitude(y.k) ? -1 : 1));
  // What the wires from position i on can add.
  const rest: Bounds[] = [{ lo: 0n, hi: 0n }];
  for (let i = order.length - 1; i >= 0; i--) {
    const { wire, k } = order[i];
    const own = bounds[wire] ?? { lo: 0n, hi: 0n };
    const [least, greatest] = k > 0n ? [k * own.lo, k * own.hi] : [k * own.hi, k * own.lo];
    rest.unshift({ lo: rest[0].lo + least, hi: rest[0].hi + greatest });
  }
  const found: Assignment[] = [];
  let visits = 0;
  const search = (i: number, sum: bigint, chosen: (readonly [number, bigint])[]): boolean => {
    if (++visits > 20_000) return false;
    if (i === order.length) {
      if (sum === 0n) found.push(chosen);
      return found.length <= most;
    }
    const { wire, k } = order[i];
    const own = bounds[wire];
    if (own === undefined) return false;
    const [least, greatest] = [-sum - rest[i + 1].hi, -sum - rest[i + 1].lo];
    const [from, to] =
      k > 0n ? [ceilDivide(least, k), floorDivide(greatest, k)] : [ceilDivide(-greatest, -k), floorDivide(-least, -k)];
    for (let v = from > own.lo ? from : own.lo; v <= (to < own.hi ? to : own.hi); v++) {
      if (!search(i + 1, sum + k * v, [...chosen, [wire, mod(v)]])) return false;
    }
    return true;
  };
  return search(0, -target, []) ? found : undefined;
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}

const ceilDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b);

import { InternalError } from '../errors.ts';
import { type Scalar, toScalar, toSigned } from './bn254.ts';

/**
 * Many field elements in typed arrays. An entry with |entry| < 2^53 is the element congruent to that integer;
 * an entry 2^53 + 2·i is `big[i]`. Doubles from 2^53 on are even, so every index is exact, and any bound
 * test against 2^53 also catches references.
 */
export interface FieldVector {
  readonly entries: Float64Array;
  readonly big: readonly Scalar[];
}

/** Integers of smaller magnitude are exact in a double and stand for themselves. */
export const EXACT_LIMIT = 2 ** 53;

export function isReference(entry: number): boolean {
  return entry >= EXACT_LIMIT;
}

export function referenceTo(index: number): number {
  return EXACT_LIMIT + 2 * index;
}

/** The element that an entry stands for. */
export function resolve(entry: number, big: readonly Scalar[]): Scalar {
  if (!isReference(entry)) return toScalar(entry);
  const index = (entry - EXACT_LIMIT) / 2;
  const value = big[index];
  if (value === undefined) throw new InternalError(`There is no big field element ${index} among ${big.length}.`);
  return value;
}

/** Collects the elements that do not fit a double, each once. */
export class BigScalars {
  readonly values: Scalar[] = [];
  readonly #indices = new Map<Scalar, number>();

  /** The entry that stands for `value`: the small integer itself where it is one. */
  entry(value: Scalar): number {
    const signed = toSigned(value);
    if (signed > -EXACT_LIMIT && signed < EXACT_LIMIT) return Number(signed);
    let index = this.#indices.get(value);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.#indices.set(value, index);
    }
    return referenceTo(index);
  }
}

/** A vector of the given elements. */
export function vectorOf(values: readonly Scalar[]): FieldVector {
  const big = new BigScalars();
  return { entries: Float64Array.from(values, (value) => big.entry(value)), big: big.values };
}

export function elementAt(vector: FieldVector, index: number): Scalar {
  return resolve(vector.entries[index], vector.big);
}

import { InternalError } from '../errors.ts';
import { type Scalar, toScalar } from '../field/bn254.ts';
import { type BigScalars, EXACT_LIMIT, isReference, resolve } from '../field/vector.ts';
import { GrowingFloat64, GrowingUint32 } from './growing.ts';
import type { Matrix } from './system.ts';

/** Terms of one side of the open row. Terms of one wire are added up; terms that cancel leave no trace. */
export class Side {
  readonly #wire = new GrowingUint32(1 << 12);
  readonly #coefficient = new GrowingFloat64(1 << 12);
  readonly #rowPtr = new GrowingUint32(1 << 10);
  /** Position + 1 of a wire's latest term: one beyond the row's start tells a duplicate without a search. */
  #latest = new Uint32Array(1 << 10);
  #rowStart = 0;
  #cancelled = false;
  readonly #big: BigScalars;

  constructor(big: BigScalars) {
    this.#big = big;
    this.#rowPtr.push(0);
  }

  /** Adds `coefficient`·wire; the coefficient is an integer of magnitude below 2^53. */
  add(wire: number, coefficient: number): void {
    if (!Number.isInteger(coefficient) || Math.abs(coefficient) >= EXACT_LIMIT) {
      throw new InternalError(`Coefficient ${coefficient} of wire ${wire} is not an exact integer.`);
    }
    this.#addEntry(wire, coefficient);
  }

  /** Adds `coefficient`·wire for any field element. */
  addScalar(wire: number, coefficient: Scalar): void {
    this.#addEntry(wire, this.#big.entry(coefficient));
  }

  /** For the builder: ends the open row. */
  closeRow(): void {
    if (this.#cancelled) this.#dropZeros();
    this.#rowStart = this.#wire.length;
    this.#rowPtr.push(this.#rowStart);
  }

  finish(): Matrix {
    return { rowPtr: this.#rowPtr.finish(), wire: this.#wire.finish(), coefficient: this.#coefficient.finish() };
  }

  /** The largest wire that any term names. */
  largestWire(): number {
    let largest = 0;
    for (let i = 0; i < this.#wire.length; i++) largest = Math.max(largest, this.#wire.at(i));
    return largest;
  }

  #addEntry(wire: number, entry: number): void {
    if (entry === 0) return;
    if (wire >= this.#latest.length) this.#growLatest(wire);
    const position = this.#latest[wire] - 1;
    if (position >= this.#rowStart) {
      const sum = this.#sum(this.#coefficient.at(position), entry);
      this.#coefficient.set(position, sum);
      if (sum === 0) this.#cancelled = true;
      return;
    }
    this.#wire.push(wire);
    this.#latest[wire] = this.#coefficient.push(entry);
  }

  #sum(left: number, right: number): number {
    const sum = left + right;
    if (!isReference(left) && !isReference(right) && Math.abs(sum) < EXACT_LIMIT) return sum;
    const { values } = this.#big;
    return this.#big.entry(toScalar(resolve(left, values) + resolve(right, values)));
  }

  #dropZeros(): void {
    let kept = this.#rowStart;
    for (let i = this.#rowStart; i < this.#wire.length; i++) {
      const wire = this.#wire.at(i);
      const coefficient = this.#coefficient.at(i);
      if (coefficient === 0) {
        this.#latest[wire] = 0;
        continue;
      }
      this.#wire.set(kept, wire);
      this.#coefficient.set(kept, coefficient);
      this.#latest[wire] = ++kept;
    }
    this.#wire.truncate(kept);
    this.#coefficient.truncate(kept);
    this.#cancelled = false;
  }

  #growLatest(wire: number): void {
    const grown = new Uint32Array(Math.max(2 * this.#latest.length, wire + 1));
    grown.set(this.#latest);
    this.#latest = grown;
  }
}

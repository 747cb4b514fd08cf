/** A Uint32Array that doubles when it is full. */
export class GrowingUint32 {
  length = 0;
  #items: Uint32Array;

  constructor(capacity: number) {
    this.#items = new Uint32Array(capacity);
  }

  /** Appends and returns the new length. */
  push(value: number): number {
    if (this.length === this.#items.length) {
      const grown = new Uint32Array(2 * this.length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.length++] = value;
    return this.length;
  }

  at(index: number): number {
    return this.#items[index];
  }

  set(index: number, value: number): void {
    this.#items[index] = value;
  }

  truncate(length: number): void {
    this.length = length;
  }

  /** A copy without spare capacity. */
  finish(): Uint32Array {
    return this.#items.slice(0, this.length);
  }
}

/** A Float64Array that doubles when it is full. */
export class GrowingFloat64 {
  length = 0;
  #items: Float64Array;

  constructor(capacity: number) {
    this.#items = new Float64Array(capacity);
  }

  /** Appends and returns the new length. */
  push(value: number): number {
    if (this.length === this.#items.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.length++] = value;
    return this.length;
  }

  at(index: number): number {
    return this.#items[index];
  }

  set(index: number, value: number): void {
    this.#items[index] = value;
  }

  truncate(length: number): void {
    this.length = length;
  }

  /** A copy without spare capacity. */
  finish(): Float64Array {
    return this.#items.slice(0, this.length);
  }
}

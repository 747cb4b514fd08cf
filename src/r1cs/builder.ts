import { InternalError } from '../errors.ts';
import { BigScalars } from '../field/vector.ts';
import { GrowingUint32 } from './growing.ts';
import { Side } from './side.ts';
import type { Interface, Origin, System } from './system.ts';

/** A builder whose wires 1, 2, … are the outputs, the public inputs and the private inputs, in this order. */
export function createSystemBuilder(shape: Interface): SystemBuilder {
  return new SystemBuilder(shape);
}

/**
 * Collects rows: add terms to `a`, `b` and `c`, then `closeRow`. Wire 0 is the constant 1.
 * Building the same rows in the same order gives the same bytes.
 */
export class SystemBuilder {
  readonly a: Side;
  readonly b: Side;
  readonly c: Side;
  readonly shape: Interface;
  readonly #big = new BigScalars();
  readonly #origins: Origin[] = [{ node: '', op: '', gadget: 'interface' }];
  readonly #rowOrigin = new GrowingUint32(1 << 10);
  readonly #wireStart = new GrowingUint32(1 << 6);
  readonly #wireOrigin = new GrowingUint32(1 << 6);
  #wires: number;
  #currentOrigin = 0;

  constructor(shape: Interface) {
    this.shape = shape;
    this.a = new Side(this.#big);
    this.b = new Side(this.#big);
    this.c = new Side(this.#big);
    this.#wires = 1 + shape.outputs + shape.publicInputs + shape.privateInputs;
    this.#wireStart.push(0);
    this.#wireOrigin.push(0);
  }

  get rows(): number {
    return this.#rowOrigin.length;
  }

  get wires(): number {
    return this.#wires;
  }

  /** Declares an origin and returns the id that `allocateWires` and `closeRow` take. */
  addOrigin(origin: Origin): number {
    return this.#origins.push(origin) - 1;
  }

  /** `count` consecutive fresh wires; returns the first. */
  allocateWires(count: number, originId: number): number {
    const first = this.#wires;
    if (count === 0) return first;
    if (originId !== this.#currentOrigin) {
      this.#wireStart.push(first);
      this.#wireOrigin.push(originId);
      this.#currentOrigin = originId;
    }
    this.#wires += count;
    return first;
  }

  /** Ends the open row and returns its index. */
  closeRow(originId: number): number {
    this.a.closeRow();
    this.b.closeRow();
    this.c.closeRow();
    return this.#rowOrigin.push(originId) - 1;
  }

  /** The finished system; the builder must not be used afterwards. */
  finish(): System {
    const largest = Math.max(this.a.largestWire(), this.b.largestWire(), this.c.largestWire());
    if (largest >= this.#wires) {
      throw new InternalError(`A row names wire ${largest}, but only ${this.#wires} wires were allocated.`);
    }
    return {
      ...this.shape,
      rows: this.rows,
      wires: this.#wires,
      a: this.a.finish(),
      b: this.b.finish(),
      c: this.c.finish(),
      big: this.#big.values,
      origins: this.#origins,
      rowOrigin: this.#rowOrigin.finish(),
      wireStart: this.#wireStart.finish(),
      wireOrigin: this.#wireOrigin.finish(),
    };
  }
}

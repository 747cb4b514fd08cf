import type { Lowering } from '../lower/context.ts';
import { constants, picked, type Quantity, type WireTensor, wires } from '../wire-tensor.ts';

/**
 * Quantities are made in pairs: an expression for the rows and, by a hint, the column of its honest values. Nothing here
 * costs a row except `materialise`.
 */

/** Elements of the concatenated parts; −1 gives 0. */
export function pick(context: Lowering, parts: readonly Quantity[], index: Int32Array): Quantity {
  const [only] = parts;
  if (parts.length === 1 && index.length === only.size && index.every((at, i) => at === i)) return only;
  const column = context.hints.derive({ kind: 'gather', columns: parts.map((part) => part.column), index });
  return { ...picked(parts, index, 0), terms: Math.max(...parts.map((part) => part.terms)), column };
}

/** constant + Σ coefficient·part, for parts of one size. */
export function combine(
  context: Lowering,
  parts: readonly (readonly [Quantity, number])[],
  constant: number | Float64Array,
): Quantity {
  const { size } = parts[0][0];
  const column = context.hints.derive({
    kind: 'combine',
    terms: parts.map(([part, coefficient]) => ({ column: part.column, coefficient })),
    constant,
    size,
  });
  return {
    size,
    column,
    terms: parts.reduce((sum, [part]) => sum + part.terms, 0),
    emit(side, i, factor) {
      for (const [part, coefficient] of parts) part.emit(side, i, factor * coefficient);
      side.add(0, factor * (typeof constant === 'number' ? constant : constant[i]) + 0);
    },
  };
}

/** Known numbers. */
export function known(context: Lowering, data: Float64Array): Quantity {
  const column = context.hints.derive({ kind: 'combine', terms: [], constant: data, size: data.length });
  return { ...constants(data), terms: 0, column };
}

/** Fresh consecutive wires that an honest prover fills with a column; nothing constrains them yet. */
export function freshWires(
  context: Lowering,
  column: number,
  size: number,
  origin: number,
): Quantity & { readonly first: number } {
  const first = context.system.allocateWires(size, origin);
  context.hints.place({ kind: 'copy', column, first });
  return { ...wires(first, size), terms: 1, column, first };
}

/** The same values as wires of their own, one row each: expression · 1 = wire. Nothing is done to single wires. */
export function materialise(context: Lowering, x: Quantity, origin: number): Quantity {
  if (x.terms <= 1) return x;
  const { system } = context;
  const own = freshWires(context, x.column, x.size, origin);
  for (let i = 0; i < x.size; i++) {
    own.emit(system.a, i, 1);
    system.b.add(0, 1);
    x.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  return own;
}

/** Rows left · right = product with fresh product wires. */
export function multiply(context: Lowering, left: Quantity, right: Quantity, origin: number): Quantity {
  const { system, hints } = context;
  const column = hints.derive({ kind: 'product', left: left.column, right: right.column });
  const product = freshWires(context, column, left.size, origin);
  for (let i = 0; i < left.size; i++) {
    left.emit(system.a, i, 1);
    right.emit(system.b, i, 1);
    product.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  return product;
}

/** Routes the elements of a result to the tensors that hold them; elements never assigned are known numbers. */
export class Assembly {
  readonly #parts: WireTensor[] = [];
  readonly #part: Int32Array;
  readonly #place: Int32Array;
  readonly #known: Float64Array;

  constructor(known: Float64Array) {
    this.#known = known;
    this.#part = new Int32Array(known.length).fill(-1);
    this.#place = new Int32Array(known.length);
  }

  /** Element elements[i] of the result is element i of `part`. */
  put(elements: Int32Array, part: WireTensor): void {
    const index = this.#parts.push(part) - 1;
    for (let i = 0; i < elements.length; i++) {
      this.#part[elements[i]] = index;
      this.#place[elements[i]] = i;
    }
  }

  finish(): WireTensor {
    const [parts, part, place, data] = [this.#parts, this.#part, this.#place, this.#known];
    return {
      size: data.length,
      emit(side, i, factor) {
        if (part[i] < 0) side.add(0, factor * data[i] + 0);
        else parts[part[i]].emit(side, place[i], factor);
      },
    };
  }
}

/** The indices below `size` that satisfy a test. */
export function indicesWhere(size: number, test: (i: number) => boolean): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < size; i++) if (test(i)) found.push(i);
  return Int32Array.from(found);
}

/** Values at some indices. */
export function valuesAt(values: Float64Array, indices: Int32Array): Float64Array {
  return Float64Array.from(indices, (i) => values[i]);
}

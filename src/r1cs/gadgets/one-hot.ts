import type { Lowering } from '../lower/context.ts';
import type { Selector } from '../selector.ts';
import type { Side } from '../side.ts';
import type { Quantity } from '../wire-tensor.ts';
import { combine, freshWires } from './quantity.ts';

/**
 * A one-hot selector in its running sum: wires c_j = [index ≤ j] for j < length − 1, so that [index = j] is
 * c_j − c_{j−1} (with c_{−1} = 0 and the last c = 1) and "before" and "after" cost nothing. Each [index = j] squares to
 * itself, hence is 0 or 1, and all of them add up to 1 by construction: exactly one is 1, as `length` is far below the
 * field's order. Which one is up to the consumer's rows. Rows: `length` per element.
 */
export function selectOne(context: Lowering, column: number, size: number, length: number, origin: number): Selector {
  const { system, hints } = context;
  const steps = length - 1;
  const repeated = hints.derive({
    kind: 'gather',
    columns: [column],
    index: Int32Array.from({ length: size * steps }, (_, i) => Math.floor(i / steps)),
  });
  const distance = hints.derive({
    kind: 'combine',
    terms: [{ column: repeated, coefficient: -1 }],
    constant: Float64Array.from({ length: size * steps }, (_, i) => i % steps),
    size: size * steps,
  });
  const { first } = freshWires(context, hints.derive({ kind: 'sign', column: distance }), size * steps, origin);
  const upTo = (side: Side, i: number, j: number, factor: number): void => {
    if (j >= steps) side.add(0, factor);
    else if (j >= 0) side.add(first + i * steps + j, factor);
  };
  const at = (side: Side, i: number, j: number, factor: number): void => {
    upTo(side, i, j, factor);
    upTo(side, i, j - 1, -factor);
  };
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < length; j++) {
      for (const side of [system.a, system.b, system.c]) at(side, i, j, 1);
      system.closeRow(origin);
    }
  }
  const index: Quantity = {
    size,
    terms: Math.max(1, steps),
    column,
    emit(side, i, factor) {
      side.add(0, factor * steps);
      for (let j = 0; j < steps; j++) side.add(first + i * steps + j, -factor);
    },
  };
  return {
    size,
    length,
    at,
    above(side, i, j, factor) {
      side.add(0, factor);
      upTo(side, i, j, -factor);
    },
    below: (side, i, j, factor) => upTo(side, i, j - 1, factor),
    index,
  };
}

/**
 * The element of each row that a selector names, as one wire m: rows [index = j]·(m − x_j) = 0. Exactly one of them has a
 * factor 1, which makes m that x_j. Element i of the selector reads row rowOf(i) of x. Rows: `length` per element.
 */
export function pickChosen(
  context: Lowering,
  { size, length, at, index }: Selector,
  x: Quantity,
  rowOf: (i: number) => number,
  origin: number,
): Quantity {
  const { system, hints } = context;
  const base = Float64Array.from({ length: size }, (_, i) => rowOf(i) * length);
  const places = combine(context, [[index, 1]], base);
  const column = hints.derive({ kind: 'take', column: x.column, index: places.column });
  const chosen = freshWires(context, column, size, origin);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < length; j++) {
      at(system.a, i, j, 1);
      chosen.emit(system.b, i, 1);
      x.emit(system.b, rowOf(i) * length + j, -1);
      system.closeRow(origin);
    }
  }
  return chosen;
}

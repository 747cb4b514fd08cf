import type { Side } from './side.ts';

/**
 * A tensor inside the circuit: every element is a linear expression over wires. Expressions cost nothing until a row
 * names them; `emit` adds `factor` times element i to one side of the open row.
 */
export interface WireTensor {
  readonly size: number;
  /** Most terms that one element adds to a row. */
  readonly terms: number;
  emit(side: Side, i: number, factor: number): void;
}

/** Consecutive wires, one per element. */
export function wires(first: number, size: number): WireTensor {
  return { size, terms: 1, emit: (side, i, factor) => side.add(first + i, factor) };
}

/** One wire per element, in any order. */
export function scatteredWires(wire: Uint32Array): WireTensor {
  return { size: wire.length, terms: 1, emit: (side, i, factor) => side.add(wire[i], factor) };
}

/** Known numbers, multiples of wire 0. */
export function constants(data: Float64Array): WireTensor {
  return { size: data.length, terms: 1, emit: (side, i, factor) => side.add(0, factor * data[i] + 0) };
}

/** Elements picked from the concatenation of several tensors; −1 picks `fill`. */
export function picked(parts: readonly WireTensor[], source: Int32Array, fill: number): WireTensor {
  const starts = startsOf(parts);
  return {
    size: source.length,
    terms: Math.max(1, ...parts.map((part) => part.terms)),
    emit(side, i, factor) {
      const at = source[i];
      if (at < 0) {
        side.add(0, factor * fill + 0);
        return;
      }
      let p = 0;
      while (p + 1 < starts.length && starts[p + 1] <= at) p++;
      parts[p].emit(side, at - starts[p], factor);
    },
  };
}

function startsOf(parts: readonly WireTensor[]): number[] {
  const starts: number[] = [];
  let offset = 0;
  for (const part of parts) {
    starts.push(offset);
    offset += part.size;
  }
  return starts;
}

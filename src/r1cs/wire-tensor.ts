import type { Side } from './side.ts';

/**
 * A tensor inside the circuit: every element is a linear expression over wires. Expressions cost nothing until a row
 * names them; `emit` adds `factor` times element i to one side of the open row.
 */
export interface WireTensor {
  readonly size: number;
  emit(side: Side, i: number, factor: number): void;
}

/** Expressions of at most `terms` wires each, whose honest values a hint column holds. */
export interface Quantity extends WireTensor {
  readonly terms: number;
  readonly column: number;
}

/** Consecutive wires, one per element. */
export function wires(first: number, size: number): WireTensor {
  return { size, emit: (side, i, factor) => side.add(first + i, factor) };
}

/** One wire per element, in any order. */
export function scatteredWires(wire: Uint32Array): WireTensor {
  return { size: wire.length, emit: (side, i, factor) => side.add(wire[i], factor) };
}

/** Known numbers, multiples of wire 0. */
export function constants(data: Float64Array): WireTensor {
  return { size: data.length, emit: (side, i, factor) => side.add(0, factor * data[i] + 0) };
}

/** Elements picked from the concatenation of several tensors; −1 picks `fill`. */
export function picked(parts: readonly WireTensor[], source: Int32Array, fill: number): WireTensor {
  const { part, place } = locate(parts, source);
  return {
    size: source.length,
    emit(side, i, factor) {
      if (part[i] < 0) side.add(0, factor * fill + 0);
      else parts[part[i]].emit(side, place[i], factor);
    },
  };
}

function locate(
  parts: readonly WireTensor[],
  source: Int32Array,
): { part: Int16Array | Int32Array; place: Int32Array } {
  const starts: number[] = [];
  let offset = 0;
  for (const { size } of parts) {
    starts.push(offset);
    offset += size;
  }
  const part = parts.length < 2 ** 15 ? new Int16Array(source.length) : new Int32Array(source.length);
  const place = new Int32Array(source.length);
  for (let i = 0; i < source.length; i++) {
    if (source[i] < 0) {
      part[i] = -1;
      continue;
    }
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= source[i]) low = middle;
      else high = middle - 1;
    }
    part[i] = low;
    place[i] = source[i] - starts[low];
  }
  return { part, place };
}

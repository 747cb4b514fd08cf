import { interpretNode } from '../quant/interpret.ts';
import type { CombineHint, Derivation, GatherHint, OrderHint } from '../r1cs/hints.ts';

/** The column that a derivation appends, from the columns before it. All values are integers below 2^53. */
export function derive(hint: Derivation, columns: readonly Float64Array[]): Float64Array {
  switch (hint.kind) {
    case 'combine':
      return combine(hint, columns);
    case 'gather':
      return gather(hint, columns);
    case 'product': {
      const right = columns[hint.right];
      return columns[hint.left].map((v, i) => v * right[i]);
    }
    case 'sign':
      return columns[hint.column].map((v) => (v >= 0 ? 1 : 0));
    case 'zero':
      return columns[hint.column].map((v) => (v === 0 ? 1 : 0));
    case 'quotient':
      return columns[hint.column].map((v) => Math.floor(v / hint.divisor));
    case 'lookup':
      return columns[hint.column].map((v) => hint.table[v]);
    case 'take': {
      const source = columns[hint.column];
      return columns[hint.index].map((at) => source[at]);
    }
    case 'rank':
      return columns[hint.column].map((v) => rank(hint.bounds, v));
    case 'order':
      return order(hint, columns[hint.column]);
  }
}

function combine({ terms, constant, size }: CombineHint, columns: readonly Float64Array[]): Float64Array {
  const sum = typeof constant === 'number' ? new Float64Array(size).fill(constant) : constant.slice();
  for (const { column, coefficient } of terms) {
    const values = columns[column];
    for (let i = 0; i < size; i++) sum[i] += coefficient * values[i];
  }
  return sum;
}

function gather({ columns: sources, index }: GatherHint, columns: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(index.length);
  if (sources.length === 1) {
    const source = columns[sources[0]];
    for (let i = 0; i < index.length; i++) if (index[i] >= 0) result[i] = source[index[i]];
    return result;
  }
  const whole = new Float64Array(sources.reduce((sum, source) => sum + columns[source].length, 0));
  let offset = 0;
  for (const source of sources) {
    whole.set(columns[source], offset);
    offset += columns[source].length;
  }
  for (let i = 0; i < index.length; i++) if (index[i] >= 0) result[i] = whole[index[i]];
  return result;
}

function rank(bounds: Float64Array, value: number): number {
  let [low, high] = [0, bounds.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bounds[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The specification's own order, ties included. */
function order({ rows, length, k, largest }: OrderHint, column: Float64Array): Float64Array {
  const origin = { node: '', op: '' };
  const base = { kind: 'topk', inputs: [0], shape: [rows, k], scale: 1, origin, result: 'indices' } as const;
  return interpretNode({ ...base, rows, length, k, largest }, [column]);
}

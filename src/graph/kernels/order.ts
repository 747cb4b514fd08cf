/** Index of the largest element of each row, as float64 integers. */
export function argmax(x: Float64Array, rows: number, length: number, tie: 'first' | 'last'): Float64Array {
  const y = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let j = 1; j < length; j++) {
      const challenger = x[r * length + j];
      const holder = x[r * length + best];
      if (challenger > holder || (tie === 'last' && challenger === holder)) best = j;
    }
    y[r] = best;
  }
  return y;
}

/** Order of each row's elements: largest (or smallest) first, ties by lower index. Returns the first k indices. */
export function topIndices(x: Float64Array, rows: number, length: number, k: number, largest: boolean): Float64Array {
  const y = new Float64Array(rows * k);
  const order = new Array<number>(length);
  for (let r = 0; r < rows; r++) {
    const base = r * length;
    for (let j = 0; j < length; j++) order[j] = j;
    order.sort((a, b) => (largest ? x[base + b] - x[base + a] : x[base + a] - x[base + b]) || a - b);
    for (let j = 0; j < k; j++) y[r * k + j] = order[j];
  }
  return y;
}

/** y[i] = source[i] < 0 ? fill : concatenation(inputs)[source[i]]. */
export function applyMap(source: Int32Array, fill: number, inputs: readonly Float64Array[]): Float64Array {
  const x = concatenate(inputs);
  const y = new Float64Array(source.length);
  for (let i = 0; i < source.length; i++) y[i] = source[i] < 0 ? fill : x[source[i]];
  return y;
}

export function concatenate(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** y[p] = max over the window of x; −1 entries are skipped. */
export function applyMax(gather: Int32Array, window: number, inputs: readonly Float64Array[]): Float64Array {
  const x = concatenate(inputs);
  const y = new Float64Array(gather.length / window);
  for (let p = 0; p < y.length; p++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let k = p * window; k < (p + 1) * window; k++) {
      if (gather[k] >= 0 && x[gather[k]] > best) best = x[gather[k]];
    }
    y[p] = best;
  }
  return y;
}

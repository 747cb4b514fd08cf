/** The part of an affine node that a kernel needs; see `AffineNode` for the meaning. */
export interface AffineMap {
  readonly groups: number;
  readonly outs: number;
  readonly positions: number;
  readonly depth: number;
  readonly gather: Int32Array;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/**
 * Applies the map to x. Exact on integers while every partial sum stays below 2^53.
 *
 * Columns are gathered once per group (im2col); the inner loop then runs over contiguous positions,
 * or over contiguous weights when there is a single position.
 */
export function applyAffine(map: AffineMap, x: Float64Array): Float64Array {
  const { groups, outs, positions, depth, gather, weight, bias } = map;
  const y = new Float64Array(groups * outs * positions);
  fillBias(map, bias, y);
  if (depth === 0) return y;
  if (outs === 1 && positions === 1) {
    for (let g = 0, i = 0; g < groups; g++) {
      let sum = y[g];
      for (let k = 0; k < depth; k++, i++) {
        const source = gather[i];
        if (source >= 0) sum += weight[i] * x[source];
      }
      y[g] = sum;
    }
    return y;
  }
  const columns = new Float64Array(depth * positions);
  for (let g = 0; g < groups; g++) {
    const first = g * positions * depth;
    for (let p = 0; p < positions; p++) {
      const row = first + p * depth;
      for (let k = 0; k < depth; k++) {
        const source = gather[row + k];
        columns[k * positions + p] = source < 0 ? 0 : x[source];
      }
    }
    if (positions === 1) multiplyVector(weight, columns, y, g * outs, outs, depth);
    else multiplyMatrix(weight, columns, y, g * outs, outs, depth, positions);
  }
  return y;
}

function fillBias({ groups, outs, positions }: AffineMap, bias: Float64Array, y: Float64Array): void {
  if (bias.length === y.length) {
    y.set(bias);
    return;
  }
  for (let c = 0; c < groups * outs; c++) y.fill(bias[c], c * positions, (c + 1) * positions);
}

function multiplyVector(
  weight: Float64Array,
  column: Float64Array,
  y: Float64Array,
  firstOut: number,
  outs: number,
  depth: number,
): void {
  for (let o = 0; o < outs; o++) {
    const row = (firstOut + o) * depth;
    let sum = y[firstOut + o];
    for (let k = 0; k < depth; k++) sum += weight[row + k] * column[k];
    y[firstOut + o] = sum;
  }
}

function multiplyMatrix(
  weight: Float64Array,
  columns: Float64Array,
  y: Float64Array,
  firstOut: number,
  outs: number,
  depth: number,
  positions: number,
): void {
  for (let o = 0; o < outs; o++) {
    const row = (firstOut + o) * depth;
    const out = (firstOut + o) * positions;
    for (let k = 0; k < depth; k++) {
      const w = weight[row + k];
      if (w === 0) continue;
      const column = k * positions;
      for (let p = 0; p < positions; p++) y[out + p] += w * columns[column + p];
    }
  }
}

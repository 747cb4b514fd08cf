/** The part of an affine node that a kernel needs; see `AffineNode` for the meaning. */
export interface AffineMap {
  readonly groups: number;
  readonly outs: number;
  readonly positions: number;
  readonly depth: number;
  readonly gather: Int32Array;
  readonly weight: Float64Array;
  /** Length groups·outs (one per output channel) or groups·outs·positions. */
  readonly bias: Float64Array;
}

/** Bounds of every element of a tensor. */
export interface Interval {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/** Applies the map to x. Exact on integers while every partial sum stays below 2^53. */
export function applyAffine(map: AffineMap, x: Float64Array): Float64Array {
  const y = startFromBias(map);
  const { groups, outs, positions, depth, weight } = map;
  if (outs === 1) {
    sumRows(map, x, y);
    return y;
  }
  const columns = new Float64Array(depth * positions);
  const terms = createTerms(depth);
  for (let g = 0; g < groups; g++) {
    gatherColumns(map, g, x, columns, 0);
    if (positions === 1) multiplyVector(weight, columns, y, g * outs, outs, depth);
    else {
      for (let c = g * outs; c < (g + 1) * outs; c++) {
        selectTerms(terms, weight, c * depth, depth, positions, 0, 0);
        accumulate(terms, columns, y, c * positions, positions);
      }
    }
  }
  return y;
}

/** The smallest and largest result over all x within bounds: each weight meets the end that its sign asks for. */
export function boundAffine(map: AffineMap, { lo, hi }: Interval): Interval {
  const { groups, outs, positions, depth, weight } = map;
  const least = startFromBias(map);
  const most = Float64Array.from(least);
  const half = depth * positions;
  const columns = new Float64Array(2 * half);
  const terms = createTerms(depth);
  for (let g = 0; g < groups; g++) {
    gatherColumns(map, g, lo, columns, 0);
    gatherColumns(map, g, hi, columns, half);
    for (let c = g * outs; c < (g + 1) * outs; c++) {
      selectTerms(terms, weight, c * depth, depth, positions, 0, half);
      accumulate(terms, columns, least, c * positions, positions);
      selectTerms(terms, weight, c * depth, depth, positions, half, 0);
      accumulate(terms, columns, most, c * positions, positions);
    }
  }
  return { lo: least, hi: most };
}

function startFromBias({ groups, outs, positions, bias }: AffineMap): Float64Array {
  const y = new Float64Array(groups * outs * positions);
  if (bias.length === y.length) y.set(bias);
  else for (let c = 0; c < groups * outs; c++) y.fill(bias[c], c * positions, (c + 1) * positions);
  return y;
}

/** One output per group: each window is read where it lies. */
function sumRows({ groups, positions, depth, gather, weight }: AffineMap, x: Float64Array, y: Float64Array): void {
  for (let g = 0, i = 0, out = 0; g < groups; g++) {
    const first = g * depth;
    for (let p = 0; p < positions; p++, out++) {
      let sum = y[out];
      for (let k = first; k < first + depth; k++, i++) {
        const source = gather[i];
        if (source >= 0) sum += weight[k] * x[source];
      }
      y[out] = sum;
    }
  }
}

/** im2col of one group: columns[start + k·positions + p] = x[gather[g, p, k]]. */
function gatherColumns(
  { positions, depth, gather }: AffineMap,
  group: number,
  x: Float64Array,
  columns: Float64Array,
  start: number,
): void {
  let i = group * positions * depth;
  for (let p = 0; p < positions; p++) {
    for (let at = start + p, k = 0; k < depth; k++, i++, at += positions) {
      const source = gather[i];
      columns[at] = source < 0 ? 0 : x[source];
    }
  }
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

/** The non-zero weights of one output channel and where the column of each starts. */
interface Terms {
  count: number;
  readonly weight: Float64Array;
  readonly column: Int32Array;
}

const createTerms = (depth: number): Terms => ({
  count: 0,
  weight: new Float64Array(depth),
  column: new Int32Array(depth),
});

function selectTerms(
  terms: Terms,
  weight: Float64Array,
  row: number,
  depth: number,
  positions: number,
  positive: number,
  negative: number,
): void {
  let count = 0;
  for (let k = 0; k < depth; k++) {
    const w = weight[row + k];
    if (w === 0) continue;
    terms.weight[count] = w;
    terms.column[count++] = k * positions + (w > 0 ? positive : negative);
  }
  terms.count = count;
}

/** y[p] += Σ weight·columns[column + p], four terms at a time so that y is read and written a quarter as often. */
function accumulate(
  { count, weight, column }: Terms,
  columns: Float64Array,
  y: Float64Array,
  out: number,
  positions: number,
): void {
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const [w0, w1, w2, w3] = [weight[k], weight[k + 1], weight[k + 2], weight[k + 3]];
    const [c0, c1, c2, c3] = [column[k], column[k + 1], column[k + 2], column[k + 3]];
    for (let p = 0; p < positions; p++) {
      y[out + p] += w0 * columns[c0 + p] + w1 * columns[c1 + p] + w2 * columns[c2 + p] + w3 * columns[c3 + p];
    }
  }
  for (; k < count; k++) {
    const w = weight[k];
    const c = column[k];
    for (let p = 0; p < positions; p++) y[out + p] += w * columns[c + p];
  }
}

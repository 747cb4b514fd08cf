import { type Shape, sameShape, sizeOf, stridedIndex } from '../../tensor/shape.ts';
import { checkGatherSize, type GraphBuilder, type ValueId } from '../builder.ts';
import { add } from './arithmetic.ts';
import { move, reshape, transpose } from './movement.ts';

/** y[g, o, p] = bias[g, o] + Σ_k weight[g, o, k] · x[gather[g, p, k]], where any operand may be constant or computed. */
export interface WeightedSum {
  readonly x: ValueId;
  readonly gather: Int32Array;
  readonly weight: ValueId;
  readonly bias?: ValueId | undefined;
  readonly groups: number;
  readonly outs: number;
  readonly positions: number;
  readonly depth: number;
  /** Shape of the result, read in the order [groups, outs, positions]; that itself by default. */
  readonly shape?: Shape;
}

/** Free when x or the weights are constant, a matrix product of computed tensors otherwise. */
export function weightedSum(b: GraphBuilder, sum: WeightedSum): ValueId {
  const { groups, outs, positions, bias } = sum;
  const shape = sum.shape ?? [groups, outs, positions];
  const weight = b.constant(sum.weight);
  const fixedBias = bias === undefined ? new Float64Array(groups * outs) : b.constant(bias);
  if (weight !== undefined && fixedBias !== undefined) {
    const { x, gather, depth } = sum;
    const dtype = b.dtype(x);
    return b.push({
      kind: 'affine',
      inputs: [x],
      shape,
      dtype,
      groups,
      outs,
      positions,
      depth,
      gather,
      weight,
      bias: fixedBias,
    });
  }
  if (bias !== undefined) {
    const plain = weightedSum(b, { ...sum, bias: undefined, shape: [groups * outs, positions] });
    return reshape(b, add(b, plain, reshape(b, bias, [groups * outs, 1])), shape);
  }
  const fixedX = b.constant(sum.x);
  return reshape(b, fixedX === undefined ? computedSum(b, sum) : fixedColumns(b, sum, fixedX), shape);
}

/** The same sum with the columns of a constant x as the weights. */
function fixedColumns(b: GraphBuilder, sum: WeightedSum, x: Float64Array): ValueId {
  const { gather, weight, groups, outs, positions, depth } = sum;
  const columns = Float64Array.from(gather, (source) => (source < 0 ? 0 : x[source]));
  const flipped = b.push({
    kind: 'affine',
    inputs: [weight],
    shape: [groups, positions, outs],
    dtype: b.dtype(sum.x),
    groups,
    outs: positions,
    positions: outs,
    depth,
    gather: counting(groups * outs * depth),
    weight: columns,
    bias: new Float64Array(groups * positions),
  });
  return transpose(b, flipped, [0, 2, 1]);
}

function computedSum(b: GraphBuilder, { x, gather, weight, groups, outs, positions, depth }: WeightedSum): ValueId {
  const order = stridedIndex([groups, depth, positions], [positions * depth, 1, depth]);
  const columns = order.map((i) => gather[i]);
  const right = move(b, [x], [groups, depth, positions], columns);
  const left = reshape(b, weight, [groups, outs, depth]);
  return b.push({
    kind: 'matmul',
    inputs: [left, right],
    shape: [groups, outs, positions],
    dtype: b.dtype(x),
    batch: groups,
    m: outs,
    k: depth,
    n: positions,
  });
}

export interface ProductSize {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** [batch, m, k] × [batch, k, n] → [batch, m, n]; only the order of the operands' elements counts, not their shapes. */
export function batchedProduct(b: GraphBuilder, left: ValueId, right: ValueId, size: ProductSize): ValueId {
  const { batch, m, k, n } = size;
  const shape = [batch, m, n];
  if (b.constant(right) !== undefined) {
    const weight = transpose(b, reshape(b, right, [batch, k, n]), [0, 2, 1]);
    const gather = counting(batch * m * k);
    const y = weightedSum(b, { x: left, gather, weight, groups: batch, outs: n, positions: m, depth: k });
    return m === 1 ? reshape(b, y, shape) : transpose(b, y, [0, 2, 1]);
  }
  if (b.constant(left) !== undefined) {
    checkGatherSize(batch * n * k);
    const gather = stridedIndex([batch, n, k], [k * n, 1, n]);
    return weightedSum(b, { x: right, gather, weight: left, groups: batch, outs: m, positions: n, depth: k });
  }
  const inputs = [reshape(b, left, [batch, m, k]), reshape(b, right, [batch, k, n])];
  return b.push({ kind: 'matmul', inputs, shape, dtype: b.dtype(left), ...size });
}

/** One linear combination of elements of x per element of the result; −1 entries of `gather` read zero. */
export interface SparseRows {
  /** Entries per row. */
  readonly depth: number;
  readonly gather: Int32Array;
  readonly weight: Float64Array;
}

/** y[i] = Σ_k weight[i, k] · x[gather[i, k]]: interpolation and everything else whose weights differ by element. */
export function combineSparse(b: GraphBuilder, x: ValueId, shape: Shape, rows: SparseRows): ValueId {
  const size = sizeOf(shape);
  const { depth, gather, weight } = withoutZeros(rows, size);
  if (depth <= 1 && weight.every((w, i) => w === 1 || gather[i] < 0)) {
    const source = depth === 0 ? new Int32Array(size).fill(-1) : gather;
    return sameShape(shape, b.shape(x)) && source.every((s, i) => s === i) ? x : move(b, [x], shape, source);
  }
  return b.push({
    kind: 'affine',
    inputs: [x],
    shape,
    dtype: b.dtype(x),
    groups: size,
    outs: 1,
    positions: 1,
    depth,
    gather,
    weight,
    bias: new Float64Array(size),
  });
}

/** Drops entries that contribute nothing and shortens the rows to the longest that is left. */
function withoutZeros({ depth, gather, weight }: SparseRows, size: number): SparseRows {
  const counts = new Int32Array(size);
  let longest = 0;
  for (let i = 0; i < size; i++) {
    for (let k = i * depth; k < (i + 1) * depth; k++) if (gather[k] >= 0 && weight[k] !== 0) counts[i]++;
    longest = Math.max(longest, counts[i]);
  }
  checkGatherSize(size * longest);
  const kept = {
    depth: longest,
    gather: new Int32Array(size * longest).fill(-1),
    weight: new Float64Array(size * longest),
  };
  for (let i = 0; i < size; i++) {
    let next = i * longest;
    for (let k = i * depth; k < (i + 1) * depth; k++) {
      if (gather[k] < 0 || weight[k] === 0) continue;
      kept.gather[next] = gather[k];
      kept.weight[next++] = weight[k];
    }
  }
  return kept;
}

/** 0, 1, …, count − 1. */
export function counting(count: number): Int32Array {
  checkGatherSize(count);
  const index = new Int32Array(count);
  for (let i = 0; i < count; i++) index[i] = i;
  return index;
}

import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { multiply } from '../graph/compose/arithmetic.ts';
import { move } from '../graph/compose/movement.ts';
import { mirrored } from '../graph/compose/order.ts';
import { combineSparse, counting } from '../graph/compose/product.ts';
import { sizeOf } from '../tensor/shape.ts';
import { UnsupportedError } from './unsupported.ts';

/** The updates that go to each element of the data, in order. */
interface Arrivals {
  /** The largest number that go to one element. */
  readonly most: number;
  /** [element, most], −1 where there is none. */
  readonly update: Int32Array;
}

/** data with update i written to, added to, … element targets[i]; the last of several writes stays. */
export function scatterInto(
  b: GraphBuilder,
  data: ValueId,
  updates: ValueId,
  targets: Int32Array,
  reduction: string,
): ValueId {
  const shape = b.shape(data);
  const size = sizeOf(shape);
  if (reduction === 'none') {
    const source = counting(size);
    for (const [i, target] of targets.entries()) source[target] = size + i;
    return move(b, [data, updates], shape, source);
  }
  const arrivals = arrivalsOf(size, targets);
  switch (reduction) {
    case 'add':
      return addArrivals(b, data, updates, arrivals);
    case 'mul':
      return multiplyArrivals(b, data, updates, arrivals);
    case 'max':
      return maxOfArrivals(b, data, updates, arrivals);
    case 'min':
      return mirrored(b, b.dtype(data), (flip) => maxOfArrivals(b, flip(data), flip(updates), arrivals));
    default:
      throw new UnsupportedError(`reduction "${reduction}" is not supported`, 'Use none, add, mul, max or min.');
  }
}

function arrivalsOf(size: number, targets: Int32Array): Arrivals {
  const counts = new Int32Array(size);
  let most = 0;
  for (const target of targets) most = Math.max(most, ++counts[target]);
  counts.fill(0);
  const update = new Int32Array(sizeOf([size, most])).fill(-1);
  for (const [i, target] of targets.entries()) update[target * most + counts[target]++] = i;
  return { most, update };
}

/** [element, 1 + most] positions in data followed by updates. */
function windows({ most, update }: Arrivals, size: number): Int32Array {
  const width = most + 1;
  const gather = new Int32Array(sizeOf([size, width]));
  for (let i = 0; i < size; i++) {
    gather[i * width] = i;
    for (let k = 0; k < most; k++) {
      const from = update[i * most + k];
      gather[i * width + 1 + k] = from < 0 ? -1 : size + from;
    }
  }
  return gather;
}

function addArrivals(b: GraphBuilder, data: ValueId, updates: ValueId, arrivals: Arrivals): ValueId {
  const shape = b.shape(data);
  const size = sizeOf(shape);
  const total = size + sizeOf(b.shape(updates));
  const joined = move(b, [data, updates], [total], counting(total));
  const gather = windows(arrivals, size);
  const weight = new Float64Array(gather.length).fill(1);
  return combineSparse(b, joined, shape, { depth: arrivals.most + 1, gather, weight });
}

function maxOfArrivals(b: GraphBuilder, data: ValueId, updates: ValueId, arrivals: Arrivals): ValueId {
  const shape = b.shape(data);
  const gather = windows(arrivals, sizeOf(shape));
  return b.push({
    kind: 'max',
    inputs: [data, updates],
    shape,
    dtype: b.dtype(data),
    window: arrivals.most + 1,
    gather,
  });
}

/** One product per update: the elements that have a k-th one are taken out, multiplied and put back. */
function multiplyArrivals(b: GraphBuilder, data: ValueId, updates: ValueId, { most, update }: Arrivals): ValueId {
  const shape = b.shape(data);
  const size = sizeOf(shape);
  let product = data;
  for (let k = 0; k < most; k++) {
    const touched: number[] = [];
    for (let i = 0; i < size; i++) if (update[i * most + k] >= 0) touched.push(i);
    const factors = Int32Array.from(touched, (i) => update[i * most + k]);
    const taken = move(b, [product], [touched.length], Int32Array.from(touched));
    const next = multiply(b, taken, move(b, [updates], [touched.length], factors));
    const source = counting(size);
    for (const [j, i] of touched.entries()) source[i] = size + j;
    product = move(b, [product, next], shape, source);
  }
  return product;
}

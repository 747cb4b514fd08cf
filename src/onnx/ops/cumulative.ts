import { checkGatherSize, type GraphBuilder, type ValueId } from '../../graph/builder.ts';
import { multiply } from '../../graph/compose/arithmetic.ts';
import { concat, constant, filled, slice, transpose } from '../../graph/compose/movement.ts';
import { weightedSum } from '../../graph/compose/product.ts';
import { normaliseAxis, type Shape, sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

interface Scan {
  readonly x: ValueId;
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function scanOf(context: OpContext): Scan {
  const { b, attributes } = context;
  const x = input(context, 0);
  const [axis] = constantInput(context, 1, 'axis');
  return {
    x,
    axis: checkedAxis(b.shape(x), axis),
    exclusive: attributes.int('exclusive', 0) === 1,
    reverse: attributes.int('reverse', 0) === 1,
  };
}

/** Limit on the length of the scanned axis: its cost grows with the square, or with a node per element. */
const longest = 4096;

function checkedAxis(shape: Shape, given: number): number {
  const axis = normaliseAxis(given, shape.length);
  if (shape[axis] <= longest) return axis;
  throw new UnsupportedError(`a running sum or product over ${shape[axis]} elements`, `Scan at most ${longest}.`);
}

/** A triangular matrix of ones applied along the axis. */
function cumSum(context: OpContext): ValueId[] {
  const { b } = context;
  const { x, axis, exclusive, reverse } = scanOf(context);
  const shape = b.shape(x);
  const length = shape[axis];
  const weight = new Float64Array(sizeOf([length, length]));
  for (let o = 0; o < length; o++) {
    for (let k = 0; k < length; k++) {
      const before = reverse ? k > o : k < o;
      if (before || (k === o && !exclusive)) weight[o * length + k] = 1;
    }
  }
  return [alongAxis(b, x, axis, length, weight)];
}

/** y[…, o, …] = Σ_k weight[o, k] · x[…, k, …] along one axis, for a constant [outs, length] matrix. */
export function alongAxis(b: GraphBuilder, x: ValueId, axis: number, outs: number, weight: Float64Array): ValueId {
  const shape = b.shape(x);
  const strides = stridesOf(shape);
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  const order = [...others, axis];
  const kept = others.map((i) => shape[i]);
  checkGatherSize(sizeOf(shape));
  const y = weightedSum(b, {
    x,
    gather: stridedIndex(
      order.map((i) => shape[i]),
      order.map((i) => strides[i]),
    ),
    weight: constant(b, [outs, shape[axis]], weight, b.dtype(x)),
    groups: 1,
    outs,
    positions: sizeOf(kept),
    depth: shape[axis],
    shape: [outs, ...kept],
  });
  return transpose(
    b,
    y,
    shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i)),
  );
}

/** Each element multiplied into the running product before it. */
function cumProd(context: OpContext): ValueId[] {
  const { b } = context;
  const { x, axis, exclusive, reverse } = scanOf(context);
  const length = b.shape(x)[axis];
  if (length === 0) return [x];
  const at = (i: number): ValueId => slice(b, x, axis, reverse ? length - 1 - i : i, 1);
  const products = [exclusive ? filled(b, b.shape(at(0)), 1, b.dtype(x)) : at(0)];
  for (let i = 1; i < length; i++) products.push(multiply(b, products[i - 1], at(exclusive ? i - 1 : i)));
  return [concat(b, reverse ? products.reverse() : products, axis)];
}

export const ops: OpTable = { CumSum: cumSum, CumProd: cumProd };

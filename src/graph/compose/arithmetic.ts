import type { DType } from '../../tensor/dtype.ts';
import { broadcastShapes, sizeOf } from '../../tensor/shape.ts';
import type { GraphBuilder, ValueId } from '../builder.ts';
import type { DivideNode } from '../graph.ts';
import type { SmoothFunction } from '../smooth.ts';
import { broadcastTo, filled } from './movement.ts';

/** Broadcasts operands to their common shape. */
export function together(b: GraphBuilder, xs: readonly ValueId[]): ValueId[] {
  const shape = broadcastShapes(...xs.map((x) => b.shape(x)));
  return xs.map((x) => broadcastTo(b, x, shape));
}

/** Σ coefficients[i]·xs[i] with broadcasting. */
export function combine(b: GraphBuilder, xs: readonly ValueId[], coefficients: readonly number[]): ValueId {
  const inputs = together(b, xs);
  return b.push({ kind: 'add', inputs, shape: b.shape(inputs[0]), dtype: b.dtype(xs[0]), coefficients });
}

export const add = (b: GraphBuilder, x: ValueId, y: ValueId): ValueId => combine(b, [x, y], [1, 1]);
export const subtract = (b: GraphBuilder, x: ValueId, y: ValueId): ValueId => combine(b, [x, y], [1, -1]);
export const negate = (b: GraphBuilder, x: ValueId): ValueId => scale(b, x, -1);

/** factor · x + offset with scalar constants: free in a circuit. */
export function scale(b: GraphBuilder, x: ValueId, factor: number, offset = 0): ValueId {
  const dtype = b.dtype(x);
  if (factor === 1 && offset === 0) return x;
  if (offset === 0) return b.push({ kind: 'add', inputs: [x], shape: b.shape(x), dtype, coefficients: [factor] });
  const shift = filled(b, b.shape(x), offset, dtype);
  return b.push({ kind: 'add', inputs: [x, shift], shape: b.shape(x), dtype, coefficients: [factor, 1] });
}

/** Elementwise product with broadcasting; a constant factor becomes an affine map and costs nothing. */
export function multiply(b: GraphBuilder, x: ValueId, y: ValueId): ValueId {
  const constantY = b.constant(y);
  if (constantY !== undefined) return multiplyConstant(b, x, y, constantY);
  const constantX = b.constant(x);
  if (constantX !== undefined) return multiplyConstant(b, y, x, constantX);
  const inputs = together(b, [x, y]);
  return b.push({ kind: 'mul', inputs, shape: b.shape(inputs[0]), dtype: b.dtype(x) });
}

function multiplyConstant(b: GraphBuilder, x: ValueId, factor: ValueId, data: Float64Array): ValueId {
  const shape = broadcastShapes(b.shape(x), b.shape(factor));
  const size = sizeOf(shape);
  if (data.every((value) => value === 0)) return filled(b, shape, 0, b.dtype(x));
  const wide = broadcastTo(b, x, shape);
  if (data.length > 0 && data.every((value) => value === data[0])) return scale(b, wide, data[0]);
  const weight = b.constant(broadcastTo(b, factor, shape)) ?? data;
  return b.push({
    kind: 'affine',
    inputs: [wide],
    shape,
    dtype: b.dtype(x),
    groups: size,
    outs: 1,
    positions: 1,
    depth: 1,
    gather: Int32Array.from({ length: size }, (_, i) => i),
    weight,
    bias: new Float64Array(size),
  });
}

/** Elementwise quotient; a constant divisor of a real quotient becomes a multiplication. */
export function divide(b: GraphBuilder, x: ValueId, y: ValueId, mode: DivideNode['mode'] = 'real'): ValueId {
  const divisor = b.constant(y);
  if (divisor !== undefined && mode === 'real' && divisor.every((v) => v !== 0)) {
    const inverse = b.push({
      kind: 'const',
      inputs: [],
      shape: b.shape(y),
      dtype: b.dtype(y),
      data: divisor.map((v) => 1 / v),
    });
    return multiply(b, x, inverse);
  }
  const inputs = together(b, [x, y]);
  return b.push({ kind: 'divide', inputs, shape: b.shape(inputs[0]), dtype: b.dtype(x), mode });
}

export function relu(b: GraphBuilder, x: ValueId): ValueId {
  return b.push({ kind: 'relu', inputs: [x], shape: b.shape(x), dtype: b.dtype(x) });
}

export function clip(b: GraphBuilder, x: ValueId, lo: number, hi: number): ValueId {
  return b.push({ kind: 'clip', inputs: [x], shape: b.shape(x), dtype: b.dtype(x), lo, hi });
}

export function compare(b: GraphBuilder, relation: 'lt' | 'le' | 'eq', x: ValueId, y: ValueId): ValueId {
  const inputs = together(b, [x, y]);
  return b.push({ kind: 'compare', inputs, shape: b.shape(inputs[0]), dtype: 'bool', relation });
}

/** condition ? x : y with broadcasting. */
export function select(b: GraphBuilder, condition: ValueId, x: ValueId, y: ValueId): ValueId {
  const inputs = together(b, [condition, x, y]);
  return b.push({ kind: 'select', inputs, shape: b.shape(inputs[0]), dtype: b.dtype(x) });
}

export function apply(b: GraphBuilder, x: ValueId, name: SmoothFunction['name'], ...parameters: number[]): ValueId {
  return b.push({ kind: 'function', inputs: [x], shape: b.shape(x), dtype: b.dtype(x), fn: { name, parameters } });
}

export function sqrt(b: GraphBuilder, x: ValueId): ValueId {
  return b.push({ kind: 'sqrt', inputs: [x], shape: b.shape(x), dtype: b.dtype(x) });
}

/** 1 − x for booleans. */
export const not = (b: GraphBuilder, x: ValueId): ValueId => scale(b, x, -1, 1);

/** Changes the declared type without touching the values. */
export function retype(b: GraphBuilder, x: ValueId, dtype: DType): ValueId {
  if (b.dtype(x) === dtype) return x;
  return b.push({ kind: 'add', inputs: [x], shape: b.shape(x), dtype, coefficients: [1] });
}

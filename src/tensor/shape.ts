import { VouchError } from '../errors.ts';

export type Shape = readonly number[];

/** The largest tensor this library builds; bigger ones are refused before memory is taken. */
export const maxElements = 2 ** 25;

/** Number of elements of a shape. Throws when it exceeds `maxElements`. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0) throw new ShapeError(`dimension ${dim} in [${shape}] is not a size`);
    size *= dim;
  }
  if (size > maxElements) throw new ShapeError(`tensor [${shape}] has ${size} elements, the limit is ${maxElements}`);
  return size;
}

/** Row-major strides. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Maps a possibly negative axis into [0, rank). */
export function normaliseAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= Math.max(rank, 1)) {
    throw new ShapeError(`axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return positive;
}

/** The shape both operands broadcast to (NumPy rules). */
export function broadcastShapes(...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      if (shape[i] === 1) continue;
      if (result[axis] !== 1 && result[axis] !== shape[i]) {
        throw new ShapeError(`shapes ${shapes.map((s) => `[${s}]`).join(' and ')} do not broadcast`);
      }
      result[axis] = shape[i];
    }
  }
  return result;
}

/**
 * For every element of `shape` in row-major order, the value Σ coordinate·stride.
 * All data movement is built from this: strides of the source, one per target axis.
 */
export function stridedIndex(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const size = sizeOf(shape);
  const index = new Int32Array(size);
  if (size === 0) return index;
  index[0] = start;
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const step = strides[axis];
    const block = filled;
    for (let coordinate = 1; coordinate < shape[axis]; coordinate++) {
      const offset = coordinate * step;
      for (let i = 0; i < block; i++) index[filled++] = index[i] + offset;
    }
  }
  return index;
}

/** The coordinates of a row-major index. */
export function coordinatesOf(shape: Shape, index: number): number[] {
  const coordinates = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return coordinates;
}

/** Source index of every element of `target` when a tensor of `shape` is broadcast to it. */
export function broadcastIndex(shape: Shape, target: Shape): Int32Array {
  const lead = target.length - shape.length;
  if (lead < 0) throw new ShapeError(`shape [${shape}] does not broadcast to [${target}]`);
  const strides = stridesOf(shape);
  const steps = target.map((dim, axis) => {
    const own = axis - lead;
    if (own < 0 || shape[own] === 1) return 0;
    if (shape[own] !== dim) throw new ShapeError(`shape [${shape}] does not broadcast to [${target}]`);
    return strides[own];
  });
  return stridedIndex(target, steps);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export class ShapeError extends VouchError {
  override readonly name = 'ShapeError';
}

import type { Shape } from '../tensor/shape.ts';
import { DataFileError } from './data-error.ts';

/** A rectangular array of a data file, row-major. */
export interface DataArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Numbers all arrays of one data file may hold together, 1 GiB of them. */
export const maxDataElements = 2 ** 27;

/** Number of elements of a shape that a file claims, refused beyond `maxDataElements`. */
export function claimedSize(place: string, shape: Shape): number {
  let size = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw new DataFileError(`${place} claims a dimension of ${dim}`);
    size *= dim;
  }
  if (size > maxDataElements) {
    throw new DataFileError(`${place} claims ${size} numbers`, [
      `The limit is ${maxDataElements}; give fewer samples.`,
    ]);
  }
  return size;
}

/** `shape` as it is written in messages. */
export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`;

import {
  type AxisRows,
  clampTo,
  cubicKernel,
  identityRows,
  interpolationRows,
  linearKernel,
  selectionRows,
  stretchedKernel,
} from './interpolate.ts';
import { UnsupportedError } from './unsupported.ts';

/** One axis of the resized tensor. */
export interface ResizedAxis {
  readonly length: number;
  readonly resized: number;
  readonly scale: number;
  /** Normalised start and end of the region that `tf_crop_and_resize` reads. */
  readonly roi: readonly [number, number];
}

/** How coordinates and neighbours are chosen. */
export interface Scheme {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly cubicA: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
}

export const cropMode = 'tf_crop_and_resize';

/** Where output `at` lies on the input axis; NaN outside a cropped region. Near halves are taken as halves. */
export function coordinate(
  { coordinates }: Scheme,
  { length, resized, scale, roi: [start, end] }: ResizedAxis,
  at: number,
): number {
  const last = length - 1;
  const halfPixel = (at + 0.5) / scale - 0.5;
  switch (coordinates) {
    case 'half_pixel':
      return settled(halfPixel);
    case 'half_pixel_symmetric':
      return settled((length / 2) * (1 - resized / (scale * length)) + halfPixel);
    case 'pytorch_half_pixel':
      return resized > 1 ? settled(halfPixel) : 0;
    case 'tf_half_pixel_for_nn':
      return settled((at + 0.5) / scale);
    case 'asymmetric':
      return settled(at / scale);
    case 'align_corners':
      refuseFraction(coordinates, length, resized, scale);
      return resized > 1 ? settled((at * last) / (resized - 1)) : 0;
    case cropMode: {
      refuseFraction(coordinates, length, resized, scale);
      if (resized === length && (start !== 0 || end !== 1)) {
        throw new UnsupportedError('cropping an axis whose size stays the same has no agreed meaning', 'Use Slice.');
      }
      const x = resized > 1 ? start * last + (at * (end - start) * last) / (resized - 1) : 0.5 * (start + end) * last;
      const inside = settled(x);
      return inside < 0 || inside > last ? Number.NaN : inside;
    }
    default:
      throw new UnsupportedError(`coordinate_transformation_mode "${coordinates}"`, 'Use one of the standard modes.');
  }
}

/** The standard's text and its reference disagree on the length that such a mode means. */
function refuseFraction(coordinates: string, length: number, resized: number, scale: number): void {
  if (Math.abs(scale * length - resized) < 1e-4) return;
  throw new UnsupportedError(
    `${coordinates} with a scale of ${scale} over ${length} elements has no agreed meaning`,
    'Export with sizes instead of scales.',
  );
}

const tolerance = 1e-5;

/** Scales are float32, so a coordinate meant to be a half or whole number is a little off. */
function settled(x: number): number {
  const half = Math.round(2 * x) / 2;
  return Math.abs(x - half) < tolerance ? half : x;
}

export function axisRows(scheme: Scheme, axis: ResizedAxis, coordinates: readonly number[]): AxisRows {
  const { length, resized, scale } = axis;
  if (resized === length && coordinates.every((x, i) => x === i)) return identityRows(length);
  const border = clampTo(length);
  const { cubicA, excludeOutside } = scheme;
  switch (scheme.mode) {
    case 'nearest':
      return selectionRows(
        length,
        coordinates.map((x) => (Number.isNaN(x) ? -1 : neighbour(scheme, axis, x))),
      );
    case 'linear':
    case 'bilinear':
    case 'cubic': {
      const shape = scheme.mode === 'cubic' ? 'cubic' : 'linear';
      const plain = shape === 'cubic' ? cubicKernel(cubicA) : linearKernel;
      const kernel = scheme.antialias ? stretchedKernel(shape, scale, cubicA) : plain;
      return interpolationRows({ input: length, coordinates, kernel, border, excludeOutside });
    }
    default:
      throw new UnsupportedError(`mode "${scheme.mode}" does not exist`, 'Use nearest, linear or cubic.');
  }
}

/** The element nearest to x. The symmetric formula is too long for runtimes in float32 to agree on a tie. */
function neighbour({ coordinates, nearest }: Scheme, { length, scale }: ResizedAxis, x: number): number {
  const pick = rounding(nearest, scale);
  const at = (coordinate: number): number => clampTo(length)(pick(coordinate));
  if (coordinates === 'half_pixel_symmetric' && at(x - tolerance) !== at(x + tolerance)) {
    throw new UnsupportedError(
      `half_pixel_symmetric puts an output at ${x}, where rounding errors decide between two elements`,
      'Use the coordinate_transformation_mode half_pixel.',
    );
  }
  return at(x);
}

function rounding(mode: string, scale: number): (x: number) => number {
  switch (mode) {
    case 'round_prefer_floor':
      return (x) => Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return (x) => Math.floor(x + 0.5);
    case 'floor':
      return Math.floor;
    case 'ceil':
      return Math.ceil;
    case 'simple':
      return scale < 1 ? Math.ceil : Math.floor;
    default:
      throw new UnsupportedError(`nearest_mode "${mode}" does not exist`, 'Use one of the standard modes.');
  }
}

import type { ValueId } from '../../graph/builder.ts';
import { add } from '../../graph/compose/arithmetic.ts';
import { constant } from '../../graph/compose/movement.ts';
import { combineSparse } from '../../graph/compose/product.ts';
import { normaliseAxis, sizeOf } from '../../tensor/shape.ts';
import { crossRows } from '../interpolate.ts';
import { input, type OpContext, type OpTable, optionalConstant } from '../op.ts';
import { axisRows, coordinate, cropMode, type ResizedAxis, type Scheme } from '../resized-axis.ts';
import { UnsupportedError } from '../unsupported.ts';

const older: Scheme = {
  mode: 'nearest',
  coordinates: 'asymmetric',
  nearest: 'simple',
  cubicA: -0.75,
  antialias: false,
  excludeOutside: false,
};

/** Every mode is a constant linear map, applied in one step over all axes. */
function resize(context: OpContext): ValueId[] {
  const { attributes, opset } = context;
  const mode = attributes.string('mode', 'nearest');
  if (opset < 11) return apply(context, scaled(context, optionalConstant(context, 1, 'scales')), { ...older, mode });
  const scheme: Scheme = {
    mode,
    coordinates: attributes.string('coordinate_transformation_mode', 'half_pixel'),
    nearest: attributes.string('nearest_mode', 'round_prefer_floor'),
    cubicA: attributes.float('cubic_coeff_a', -0.75),
    antialias: attributes.int('antialias', 0) === 1,
    excludeOutside: attributes.int('exclude_outside', 0) === 1,
  };
  const sizes = optionalConstant(context, 3, 'sizes');
  const bySize = sizes !== undefined && sizes.length > 0;
  return apply(
    context,
    bySize ? sized(context, sizes) : scaled(context, optionalConstant(context, 2, 'scales')),
    scheme,
  );
}

function upsample(context: OpContext): ValueId[] {
  const { attributes, opset } = context;
  if (opset < 7) throw new UnsupportedError('Upsample of opset 1', 'Convert the model to opset 9 or later.');
  const scales = opset < 9 ? Float64Array.from(attributes.floats('scales')) : optionalConstant(context, 1, 'scales');
  return apply(context, scaled(context, scales), { ...older, mode: attributes.string('mode', 'nearest') });
}

/** The axes that the node's sizes, scales and roi are about. */
function resizedAxes({ b, attributes, inputs }: OpContext): number[] {
  const rank = b.shape(inputs[0] ?? 0).length;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  return attributes.has('axes') ? attributes.ints('axes').map((axis) => normaliseAxis(axis, rank)) : all;
}

function regions(context: OpContext, axes: readonly number[]): (readonly [number, number])[] {
  const crops = context.opset >= 11 && context.attributes.string('coordinate_transformation_mode', '') === cropMode;
  const roi = crops ? optionalConstant(context, 1, 'roi') : undefined;
  if (crops && roi?.length !== 2 * axes.length) {
    throw new UnsupportedError(`roi has ${roi?.length ?? 0} numbers for ${axes.length} axes`, 'Give two per axis.');
  }
  return axes.map((_, i) => [roi?.[i] ?? 0, roi?.[axes.length + i] ?? 1]);
}

function scaled(context: OpContext, scales: Float64Array | undefined): ResizedAxis[] {
  const shape = context.b.shape(input(context, 0));
  const axes = resizedAxes(context);
  if (scales === undefined || scales.length !== axes.length || !scales.every((s) => s > 0)) {
    throw new UnsupportedError(
      `scales [${scales ?? ''}] do not fit ${axes.length} axes`,
      'Give one positive scale per axis.',
    );
  }
  const roi = regions(context, axes);
  return shape.map((length, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { length, resized: length, scale: 1, roi: [0, 1] };
    return { length, resized: resizedLength(Math.fround(scales[i] * length)), scale: scales[i], roi: roi[i] };
  });
}

function sized(context: OpContext, sizes: Float64Array): ResizedAxis[] {
  const shape = context.b.shape(input(context, 0));
  const axes = resizedAxes(context);
  if (sizes.length !== axes.length) {
    throw new UnsupportedError(`${sizes.length} sizes for ${axes.length} axes`, 'Give one size per axis.');
  }
  const roi = regions(context, axes);
  const policy = context.attributes.string('keep_aspect_ratio_policy', 'stretch');
  const ratios = axes.map((axis, i) => sizes[i] / shape[axis]);
  const common = { not_larger: Math.min(...ratios), not_smaller: Math.max(...ratios), stretch: undefined }[policy];
  if (common === undefined && policy !== 'stretch') {
    throw new UnsupportedError(
      `keep_aspect_ratio_policy "${policy}" does not exist`,
      'Use stretch, not_larger or not_smaller.',
    );
  }
  return shape.map((length, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { length, resized: length, scale: 1, roi: [0, 1] };
    const scale = common ?? ratios[i];
    return {
      length,
      resized: resizedLength(common === undefined ? sizes[i] : common * length + 0.5),
      scale,
      roi: roi[i],
    };
  });
}

/** Every element of a resized axis is planned on its own. */
const longestAxis = 2 ** 18;

function resizedLength(real: number): number {
  const length = Math.floor(real);
  if (length >= 0 && length <= longestAxis) return length;
  throw new UnsupportedError(
    `a resized axis would have ${length} elements, the limit is ${longestAxis}`,
    'Check scales and sizes.',
  );
}

/** Some implementations scale an axis whose size stays the same, others leave it alone. */
function refuseStill(axes: readonly ResizedAxis[], { antialias }: Scheme): void {
  const still = axes.filter(({ length, resized }) => length === resized);
  if ((!antialias && still.length < axes.length) || still.every(({ scale }) => scale === 1)) return;
  throw new UnsupportedError('a scale that leaves a size as it is has no agreed meaning', 'Use a scale of 1 there.');
}

function apply(context: OpContext, axes: readonly ResizedAxis[], scheme: Scheme): ValueId[] {
  refuseStill(axes, scheme);
  const { b, attributes } = context;
  const x = input(context, 0);
  const coordinates = axes.map((axis) => Array.from({ length: axis.resized }, (_, i) => coordinate(scheme, axis, i)));
  const { shape, ...rows } = crossRows(axes.map((axis, i) => axisRows(scheme, axis, coordinates[i])));
  const y = combineSparse(b, x, shape, rows);
  const extrapolation = attributes.float('extrapolation_value', 0);
  if (scheme.coordinates !== cropMode || extrapolation === 0) return [y];
  const outside = new Float64Array(sizeOf(shape));
  let run = outside.length;
  for (const axis of coordinates) {
    run /= Math.max(axis.length, 1);
    for (let i = 0; i < outside.length; i++) {
      if (Number.isNaN(axis[Math.floor(i / run) % axis.length])) outside[i] = extrapolation;
    }
  }
  return [add(b, y, constant(b, shape, outside, b.dtype(x)))];
}

export const ops: OpTable = { Resize: resize, Upsample: upsample };

import type { ValueId } from '../../graph/builder.ts';
import { combineSparse } from '../../graph/compose/product.ts';
import { normaliseAxis, sizeOf } from '../../tensor/shape.ts';
import { crossRows, identityRows, selectionRows } from '../interpolate.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Crops or zero-pads each axis about its centre; an odd element more goes to the end. */
function centerCropPad(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const wanted = constantInput(context, 1, 'shape');
  const all = shape.map((_, axis) => axis);
  const axes = attributes.ints('axes', all).map((axis) => normaliseAxis(axis, shape.length));
  if (wanted.length !== axes.length) {
    throw new UnsupportedError(`${wanted.length} sizes for ${axes.length} axes`, 'Give one size per axis.');
  }
  const { shape: target, ...rows } = crossRows(
    shape.map((size, axis) => {
      const i = axes.indexOf(axis);
      if (i < 0 || wanted[i] === size) return identityRows(size);
      const length = sizeOf([wanted[i]]);
      const start = length < size ? Math.floor((size - length) / 2) : -Math.floor((length - size) / 2);
      const sources = Array.from({ length }, (_, o) => (o + start < size ? Math.max(o + start, -1) : -1));
      return selectionRows(size, sources);
    }),
  );
  return [combineSparse(b, x, target, rows)];
}

export const ops: OpTable = { CenterCropPad: centerCropPad };

import type { ValueId } from '../../graph/builder.ts';
import { retype } from '../../graph/compose/arithmetic.ts';
import { constant } from '../../graph/compose/movement.ts';
import { type DType, isInteger } from '../../tensor/dtype.ts';
import { dtypeOf, elementBits } from '../element-types.ts';
import { constantInput, input, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The same bits read as another type of their width: between integers a wrap, otherwise of constants only. */
function bitCast(context: OpContext): ValueId[] {
  const { attributes, b } = context;
  const x = input(context, 0);
  const source = b.dtype(x);
  const target = dtypeOf(attributes.int('to'));
  if (target === undefined || elementBits(target) !== elementBits(source)) {
    throw new UnsupportedError(`the bits of ${source} do not make a ${target}`, 'Cast between types of equal width.');
  }
  if (isInteger(target) && (isInteger(source) || source === 'bool')) return [retype(b, x, target)];
  const [write, read] = [writers[source], readers[target]];
  if (write === undefined || read === undefined) {
    throw new UnsupportedError(`the bits of a ${source} are read as ${target}`, 'Use Cast, which keeps the value.');
  }
  const view = new DataView(new ArrayBuffer(8));
  const values = constantInput(context, 0, `the ${source} whose bits are read as ${target}`).map((value) => {
    if (isInteger(source) && !Number.isSafeInteger(value)) throw inexact(source);
    write(view, value);
    const result = read(view);
    if (isInteger(target) && !Number.isSafeInteger(result)) throw inexact(target);
    return result;
  });
  return [constant(b, b.shape(x), values, target)];
}

const inexact = (dtype: DType): UnsupportedError =>
  new UnsupportedError(`${dtype} beyond 2^53 is not computed exactly`, 'Use types of 32 bits.');

const writers: Partial<Record<DType, (view: DataView, value: number) => void>> = {
  float64: (view, value) => view.setFloat64(0, value),
  float32: (view, value) => view.setFloat32(0, value),
  int64: (view, value) => view.setBigInt64(0, BigInt(value)),
  uint64: (view, value) => view.setBigUint64(0, BigInt(value)),
  int32: (view, value) => view.setInt32(0, value),
  uint32: (view, value) => view.setUint32(0, value),
};

const readers: Partial<Record<DType, (view: DataView) => number>> = {
  float64: (view) => view.getFloat64(0),
  float32: (view) => view.getFloat32(0),
  int64: (view) => Number(view.getBigInt64(0)),
  uint64: (view) => Number(view.getBigUint64(0)),
  int32: (view) => view.getInt32(0),
  uint32: (view) => view.getUint32(0),
};

export const ops: OpTable = { BitCast: bitCast };

import type { ValueId } from '../../graph/builder.ts';
import { retype } from '../../graph/compose/arithmetic.ts';
import { type DType, isReal } from '../../tensor/dtype.ts';
import { dtypeOf } from '../element-types.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';
import { dequantise, quantise, readQuantisation } from '../quantisation.ts';
import { UnsupportedError } from '../unsupported.ts';

function quantiseLinear(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const {
    scale: steps,
    zero,
    index,
  } = readQuantisation(context, b.shape(x), 1, attributes.int('axis', 1), attributes.int('block_size', 0));
  const real = isReal(b.dtype(x)) ? x : retype(b, x, 'float32');
  const factor = steps.map((s) => 1 / s);
  return [quantise(b, real, { factor, zero, index, dtype: outputType(context) })];
}

function outputType(context: OpContext): DType {
  const zero = optional(context, 2);
  if (zero !== undefined) return context.b.dtype(zero);
  const code = context.attributes.int('output_dtype', 0);
  return code === 0 ? 'uint8' : (dtypeOf(code) ?? 'uint8');
}

function dequantiseLinear(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  if (isReal(b.dtype(x))) {
    throw new UnsupportedError(`dequantisation of ${b.dtype(x)} is not supported`, 'Quantise to an integer type.');
  }
  const axis = attributes.int('axis', 1);
  const parameters = readQuantisation(context, b.shape(x), 1, axis, attributes.int('block_size', 0));
  const code = attributes.int('output_dtype', 0);
  const dtype = (code === 0 ? undefined : dtypeOf(code)) ?? b.dtype(input(context, 1));
  return [dequantise(b, x, parameters, dtype)];
}

/** Its scale is computed from the data, so that a last bit of it decides ties; onnxruntime's float32 cannot be met. */
function dynamicQuantizeLinear(): ValueId[] {
  throw new UnsupportedError(
    'its scale depends on the data',
    'Quantise statically, with scales from calibration data, or export the float model.',
  );
}

export const ops: OpTable = {
  QuantizeLinear: quantiseLinear,
  DequantizeLinear: dequantiseLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};

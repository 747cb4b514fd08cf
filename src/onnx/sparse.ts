import { OnnxDecodeError } from './decode-error.ts';
import type { ExternalData } from './external.ts';
import type { SparseTensorProto } from './generated/onnx_pb.ts';
import { type Allowance, takeElements } from './limits.ts';
import type { NumericTensor } from './model.ts';
import { decodeTensorProto, numeric } from './tensor.ts';

/** Makes a sparse tensor dense. Its indices are positions in the flattened tensor, or one row of coordinates each. */
export function decodeSparse(proto: SparseTensorProto, allowance: Allowance, external?: ExternalData): NumericTensor {
  if (proto.values === undefined || proto.indices === undefined) {
    throw new OnnxDecodeError('a sparse tensor lacks its values or indices');
  }
  const { name, dtype, inexact, data: values } = numeric(decodeTensorProto(proto.values, allowance, external));
  const indices = numeric(decodeTensorProto(proto.indices, allowance, external));
  const dims = proto.dims.map(Number);
  const { maxSparseElements } = allowance.limits;
  const size = takeElements(name, dims, allowance);
  if (size > maxSparseElements) {
    throw new OnnxDecodeError(`sparse tensor "${name}" stands for ${size} elements`, [
      `the limit is ${maxSparseElements}`,
    ]);
  }
  const isFlat = indices.dims.length === 1;
  const rank = isFlat ? 1 : dims.length;
  const expected = isFlat ? [values.length] : [values.length, rank];
  if (indices.dims.join() !== expected.join() || indices.dtype !== 'int64') {
    throw new OnnxDecodeError(`sparse tensor "${name}" has ${indices.dtype} indices of shape [${indices.dims}]`, [
      `expected int64 of shape [${values.length}] or [${values.length}, ${dims.length}]`,
    ]);
  }
  const bounds = isFlat ? [size] : dims;
  const data = new Float64Array(size);
  for (let i = 0; i < values.length; i++) {
    let at = 0;
    for (let axis = 0; axis < rank; axis++) {
      const coordinate = indices.data[i * rank + axis];
      if (!(coordinate >= 0 && coordinate < bounds[axis])) {
        throw new OnnxDecodeError(`sparse tensor "${name}" has index ${coordinate} along axis ${axis}`, [
          `expected 0 to ${bounds[axis] - 1}`,
        ]);
      }
      at = at * bounds[axis] + coordinate;
    }
    data[at] = values[i];
  }
  return { name, dtype, dims, data, inexact };
}

import { OnnxDecodeError } from './decode-error.ts';
import { dtypeOf } from './element-types.ts';
import { elementsOfField, elementsOfRaw } from './elements.ts';
import { type ExternalData, readExternal } from './external.ts';
import { type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.ts';
import { type Allowance, takeElements } from './limits.ts';
import type { NumericTensor, OnnxTensor } from './model.ts';

/** Decodes a tensor into float64, checking its claims against the bytes present before any memory is taken. */
export function decodeTensorProto(proto: TensorProto, allowance: Allowance, external?: ExternalData): OnnxTensor {
  const { name } = proto;
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) throw new OnnxDecodeError(`tensor "${name}" has unknown element type ${proto.dataType}`);
  if (proto.segment !== undefined) {
    throw new OnnxDecodeError(`tensor "${name}" is a segment of a larger one`, ['Save it in one piece.']);
  }
  const dims = proto.dims.map(Number);
  const size = takeElements(name, dims, allowance);
  if (dtype === 'string') return { name, dtype, dims, strings: decodeStrings(proto, size) };
  if (dtype === 'complex64' || dtype === 'complex128') {
    throw new OnnxDecodeError(`tensor "${name}" holds complex numbers`, ['Only real numbers can be proved.']);
  }
  const raw = rawBytes(proto, external);
  const elements = raw === undefined ? elementsOfField(proto, dtype, size) : elementsOfRaw(name, raw, dtype, size);
  return { name, dtype, dims, ...elements };
}

/** A tensor that must be numeric. */
export function numeric(tensor: OnnxTensor): NumericTensor {
  if (tensor.dtype === 'string') throw new OnnxDecodeError(`tensor "${tensor.name}" holds strings`);
  return tensor;
}

function rawBytes(proto: TensorProto, external: ExternalData | undefined): Uint8Array | undefined {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) return readExternal(proto, external);
  return proto.rawData.length > 0 ? proto.rawData : undefined;
}

function decodeStrings(proto: TensorProto, size: number): string[] {
  if (proto.stringData.length !== size) {
    throw new OnnxDecodeError(`tensor "${proto.name}" has ${proto.stringData.length} strings`, [`expected ${size}`]);
  }
  const decoder = new TextDecoder();
  return proto.stringData.map((bytes) => decoder.decode(bytes));
}

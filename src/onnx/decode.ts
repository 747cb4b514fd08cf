import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { VouchError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { OnnxDecodeError } from './decode-error.ts';
import { dtypeOf } from './element-types.ts';
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  type OperatorSetIdProto,
  TensorProtoSchema,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './model.ts';
import { type DecodeLimits, decodeSparse, decodeTensorProto, defaultLimits, type ExternalData } from './tensor.ts';

export interface DecodeOptions {
  readonly externalData?: ExternalData;
  readonly limits?: DecodeLimits;
}

interface Decoding {
  readonly limits: DecodeLimits;
  readonly external: ExternalData | undefined;
  nodes: number;
}

/** Decodes the bytes of an `.onnx` file. Anything malformed is an `OnnxDecodeError`. */
export function decodeModel(
  bytes: Uint8Array,
  { externalData, limits = defaultLimits }: DecodeOptions = {},
): OnnxModel {
  const proto = parse(ModelProtoSchema, bytes, 'an ONNX model');
  if (proto.graph === undefined) throw new OnnxDecodeError('the file holds no graph', ['It may not be an ONNX model.']);
  const decoding: Decoding = { limits, external: externalData, nodes: 0 };
  return {
    irVersion: Number(proto.irVersion),
    opsets: decodeOpsets(proto.opsetImport),
    producer: [proto.producerName, proto.producerVersion].filter((part) => part !== '').join(' '),
    graph: decodeGraph(proto.graph, decoding, 0),
    functions: new Map(proto.functions.map((f) => [`${domainOf(f.domain)}:${f.name}`, decodeFunction(f, decoding)])),
  };
}

/** Decodes a serialised `TensorProto`, as the official conformance cases use. */
export function decodeTensor(bytes: Uint8Array, limits: DecodeLimits = defaultLimits): OnnxTensor {
  return decodeTensorProto(parse(TensorProtoSchema, bytes, 'an ONNX tensor'), limits);
}

function parse<D extends DescMessage>(schema: D, bytes: Uint8Array, what: string): MessageShape<D> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    if (cause instanceof VouchError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxDecodeError(`the ${bytes.length} bytes are not ${what}`, [detail], cause);
  }
}

const domainOf = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function decodeOpsets(imports: readonly OperatorSetIdProto[]): Map<string, number> {
  return new Map(imports.map(({ domain, version }) => [domainOf(domain), Number(version)]));
}

function decodeGraph(proto: GraphProto, decoding: Decoding, depth: number): OnnxGraph {
  const { limits, external } = decoding;
  if (depth > limits.maxDepth) throw new OnnxDecodeError(`graphs are nested deeper than ${limits.maxDepth}`);
  const initializers = new Map<string, OnnxTensor>();
  for (const tensor of proto.initializer) initializers.set(tensor.name, decodeTensorProto(tensor, limits, external));
  for (const sparse of proto.sparseInitializer) {
    const tensor = decodeSparse(sparse, limits, external);
    initializers.set(tensor.name, tensor);
  }
  return {
    name: proto.name,
    nodes: decodeNodes(proto.node, decoding, depth),
    inputs: proto.input.map(decodeValueInfo),
    outputs: proto.output.map(decodeValueInfo),
    initializers,
  };
}

function decodeNodes(protos: readonly NodeProto[], decoding: Decoding, depth: number): OnnxNode[] {
  decoding.nodes += protos.length;
  if (decoding.nodes > decoding.limits.maxNodes) {
    throw new OnnxDecodeError(`the model has more than ${decoding.limits.maxNodes} nodes`);
  }
  return protos.map((proto, index) => ({
    name: proto.name === '' ? `${proto.opType}_${index}` : proto.name,
    op: proto.opType,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: new Map(proto.attribute.map((a) => [a.name, decodeAttribute(a, decoding, depth)])),
  }));
}

function decodeFunction(proto: FunctionProto, decoding: Decoding): OnnxFunction {
  return {
    name: proto.name,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: proto.attribute,
    defaults: new Map(proto.attributeProto.map((a) => [a.name, decodeAttribute(a, decoding, 0)])),
    nodes: decodeNodes(proto.node, decoding, 0),
    opsets: decodeOpsets(proto.opsetImport),
  };
}

function decodeAttribute(proto: AttributeProto, decoding: Decoding, depth: number): OnnxAttribute {
  const text = new TextDecoder();
  const { limits, external } = decoding;
  if (proto.refAttrName !== '') return { type: 'reference', value: proto.refAttrName };
  switch (attributeKind(proto)) {
    case Kind.FLOAT:
      return { type: 'float', value: proto.f };
    case Kind.INT:
      return { type: 'int', value: Number(proto.i) };
    case Kind.STRING:
      return { type: 'string', value: text.decode(proto.s) };
    case Kind.TENSOR:
      if (proto.t === undefined) break;
      return { type: 'tensor', value: decodeTensorProto(proto.t, limits, external) };
    case Kind.SPARSE_TENSOR:
      if (proto.sparseTensor === undefined) break;
      return { type: 'tensor', value: decodeSparse(proto.sparseTensor, limits, external) };
    case Kind.GRAPH:
      if (proto.g === undefined) break;
      return { type: 'graph', value: decodeGraph(proto.g, decoding, depth + 1) };
    case Kind.FLOATS:
      return { type: 'floats', value: proto.floats };
    case Kind.INTS:
      return { type: 'ints', value: proto.ints.map(Number) };
    case Kind.STRINGS:
      return { type: 'strings', value: proto.strings.map((bytes) => text.decode(bytes)) };
    case Kind.TENSORS:
      return { type: 'tensors', value: proto.tensors.map((t) => decodeTensorProto(t, limits, external)) };
    case Kind.GRAPHS:
      return { type: 'graphs', value: proto.graphs.map((g) => decodeGraph(g, decoding, depth + 1)) };
    default:
      return { type: 'other', value: `attribute type ${proto.type}` };
  }
  throw new OnnxDecodeError(`attribute "${proto.name}" has no value`);
}

/** Models of the first IR versions leave the type out; it is then the field that is filled. */
function attributeKind(proto: AttributeProto): Kind {
  if (proto.type !== Kind.UNDEFINED) return proto.type;
  if (proto.t !== undefined) return Kind.TENSOR;
  if (proto.g !== undefined) return Kind.GRAPH;
  if (proto.s.length > 0) return Kind.STRING;
  if (proto.ints.length > 0) return Kind.INTS;
  if (proto.floats.length > 0) return Kind.FLOATS;
  if (proto.strings.length > 0) return Kind.STRINGS;
  return proto.f !== 0 ? Kind.FLOAT : Kind.INT;
}

function decodeValueInfo({ name, type }: ValueInfoProto): OnnxValueInfo {
  if (type?.value.case !== 'tensorType') return { name, dtype: undefined, dims: undefined };
  const { elemType, shape } = type.value.value;
  const dtype: DType | undefined = dtypeOf(elemType);
  const dims = shape?.dim.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : (value.value ?? '')));
  return { name, dtype, dims };
}

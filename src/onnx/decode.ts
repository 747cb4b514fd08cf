import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import type { DType } from '../tensor/dtype.ts';
import { OnnxDecodeError } from './decode-error.ts';
import { dtypeOf } from './element-types.ts';
import type { ExternalData } from './external.ts';
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
import { type Allowance, type DecodeLimits, startAllowance } from './limits.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './model.ts';
import { decodeSparse } from './sparse.ts';
import { surveyMessage } from './survey.ts';
import { decodeTensorProto } from './tensor.ts';

export interface DecodeOptions {
  readonly externalData?: ExternalData;
  readonly limits?: Partial<DecodeLimits>;
}

interface Decoding {
  readonly allowance: Allowance;
  readonly external: ExternalData | undefined;
}

/** Decodes the bytes of an `.onnx` file. Anything malformed is an `OnnxDecodeError`. */
export function decodeModel(bytes: Uint8Array, { externalData, limits = {} }: DecodeOptions = {}): OnnxModel {
  const decoding: Decoding = { allowance: startAllowance(limits), external: externalData };
  const proto = parse(ModelProtoSchema, bytes, 'an ONNX model', decoding.allowance);
  if (proto.graph === undefined) throw new OnnxDecodeError('the file holds no graph', ['It may not be an ONNX model.']);
  return {
    irVersion: Number(proto.irVersion),
    opsets: decodeOpsets(proto.opsetImport),
    producer: [proto.producerName, proto.producerVersion].filter((part) => part !== '').join(' '),
    graph: decodeGraph(proto.graph, decoding, 0),
    functions: decodeFunctions(proto.functions, decoding),
  };
}

/** Decodes a serialised `TensorProto`, as the official conformance cases use. */
export function decodeTensor(bytes: Uint8Array, limits: Partial<DecodeLimits> = {}): OnnxTensor {
  const allowance = startAllowance(limits);
  try {
    return decodeTensorProto(parse(TensorProtoSchema, bytes, 'an ONNX tensor', allowance), allowance);
  } catch (error) {
    if (!(error instanceof OnnxDecodeError)) throw error;
    const hint = 'The file must hold one tensor: sequences, optional values and maps are not supported.';
    throw new OnnxDecodeError(error.shortMessage, [...error.metaMessages, hint], error);
  }
}

function parse<D extends DescMessage>(
  schema: D,
  bytes: Uint8Array,
  what: string,
  { limits }: Allowance,
): MessageShape<D> {
  try {
    surveyMessage(schema, bytes, limits);
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxDecodeError(`the ${bytes.length} bytes are not ${what}`, [detail], cause);
  }
}

const domainOf = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function decodeOpsets(imports: readonly OperatorSetIdProto[]): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of imports) {
    const known = opsets.get(domainOf(domain)) ?? Number(version);
    if (known !== Number(version)) {
      throw new OnnxDecodeError(`the model asks for versions ${known} and ${version} of operator set "${domain}"`);
    }
    opsets.set(domainOf(domain), known);
  }
  return opsets;
}

function decodeGraph(proto: GraphProto, decoding: Decoding, depth: number): OnnxGraph {
  const { allowance, external } = decoding;
  const { maxDepth } = allowance.limits;
  if (depth > maxDepth) throw new OnnxDecodeError(`graphs are nested deeper than ${maxDepth}`);
  const tensors = [
    ...proto.initializer.map((tensor) => decodeTensorProto(tensor, allowance, external)),
    ...proto.sparseInitializer.map((tensor) => decodeSparse(tensor, allowance, external)),
  ];
  const initializers = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const repeated = tensors.filter((tensor) => initializers.get(tensor.name) !== tensor);
  return {
    name: proto.name,
    nodes: decodeNodes(proto.node, decoding, depth),
    inputs: proto.input.map(decodeValueInfo),
    outputs: proto.output.map(decodeValueInfo),
    initializers,
    repeatedInitializers: repeated.map(({ name }) => name),
  };
}

function decodeNodes(protos: readonly NodeProto[], decoding: Decoding, depth: number): OnnxNode[] {
  const { allowance } = decoding;
  const { maxNodes } = allowance.limits;
  allowance.nodes += protos.length;
  if (allowance.nodes > maxNodes) throw new OnnxDecodeError(`the model has more than ${maxNodes} nodes`);
  return protos.map((proto, index) => {
    const name = proto.name === '' ? `${proto.opType}_${index}` : proto.name;
    const attributes = new Map(proto.attribute.map((a) => [a.name, decodeAttribute(a, decoding, depth)]));
    if (attributes.size < proto.attribute.length) throw new OnnxDecodeError(`node "${name}" has an attribute twice`);
    return {
      name,
      op: proto.opType,
      domain: domainOf(proto.domain),
      inputs: proto.input,
      outputs: proto.output,
      attributes,
    };
  });
}

function decodeFunctions(protos: readonly FunctionProto[], decoding: Decoding): Map<string, OnnxFunction> {
  const functions = new Map(protos.map((f) => [`${domainOf(f.domain)}:${f.name}`, decodeFunction(f, decoding)]));
  if (functions.size === protos.length) return functions;
  throw new OnnxDecodeError('a function is defined more than once', ['Overloads of one name are not supported.']);
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
  const { allowance, external } = decoding;
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
      return { type: 'tensor', value: decodeTensorProto(proto.t, allowance, external) };
    case Kind.SPARSE_TENSOR:
      if (proto.sparseTensor === undefined) break;
      return { type: 'tensor', value: decodeSparse(proto.sparseTensor, allowance, external) };
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
      return { type: 'tensors', value: proto.tensors.map((t) => decodeTensorProto(t, allowance, external)) };
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

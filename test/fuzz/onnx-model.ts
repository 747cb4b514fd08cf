import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
  ValueInfoProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TestTensor }
  | { readonly graph: TestGraph }
  /** Within a function: the attribute of the call, of type FLOAT. */
  | { readonly reference: string };

/** The body of a branch. */
export interface TestGraph {
  readonly nodes: readonly TestNode[];
  readonly outputs: readonly string[];
}

export interface TestFunction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly TestNode[];
  /** Attributes without a default. */
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeValue>>;
}

export interface TestNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly domain?: string;
}

export interface TestTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly type?: TestType;
}

export type TestType = keyof typeof typeCode;

export interface TestModel {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type?: TestType;
  }[];
  readonly outputs: readonly string[];
  readonly initializers?: readonly TestTensor[];
  readonly nodes: readonly TestNode[];
  readonly opset?: number;
  /** Operator set version of every domain but the standard one. */
  readonly domainOpset?: number;
  /** All of domain "local". */
  readonly functions?: readonly TestFunction[];
}

const typeCode = {
  float32: Type.FLOAT,
  float64: Type.DOUBLE,
  int64: Type.INT64,
  int32: Type.INT32,
  int8: Type.INT8,
  uint8: Type.UINT8,
  int16: Type.INT16,
  uint16: Type.UINT16,
  int4: Type.INT4,
  uint4: Type.UINT4,
  bool: Type.BOOL,
} as const;

/** Encodes a model written down in a test as the bytes of an `.onnx` file. */
export function encodeModel(model: TestModel): Uint8Array {
  const { inputs, outputs, initializers = [], nodes, opset = 17, domainOpset = 3, functions = [] } = model;
  const domains = new Set(nodes.map(({ domain = '' }) => domain));
  domains.add('');
  const opsetImport = [...domains].map((domain) => ({ domain, version: BigInt(domain === '' ? opset : domainOpset) }));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: opset > 20 ? 10n : 8n,
      opsetImport,
      functions: functions.map((f) =>
        create(FunctionProtoSchema, {
          name: f.name,
          domain: 'local',
          input: [...f.inputs],
          output: [...f.outputs],
          attribute: [...(f.attributes ?? [])],
          attributeProto: Object.entries(f.defaults ?? {}).map(([name, value]) => attribute(name, value)),
          node: f.nodes.map(nodeProto),
          opsetImport,
        }),
      ),
      graph: create(GraphProtoSchema, {
        name: 'test',
        input: inputs.map(({ name, shape, type = 'float32' }) => valueInfo(name, typeCode[type], shape)),
        output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
        initializer: initializers.map(tensorProto),
        node: nodes.map(nodeProto),
      }),
    }),
  );
}

function nodeProto({ op, inputs, outputs, attributes = {}, domain = '' }: TestNode, i: number) {
  return create(NodeProtoSchema, {
    name: `n${i}`,
    opType: op,
    domain,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

function tensorProto({ name, shape, data, type = 'float32' }: TestTensor) {
  const fields = {
    float32: () => ({ floatData: [...data] }),
    float64: () => ({ doubleData: [...data] }),
    int64: () => ({ int64Data: data.map(BigInt) }),
    packed: () => ({ int32Data: nibbles(data) }),
    other: () => ({ int32Data: [...data] }),
  };
  const field = type === 'int4' || type === 'uint4' ? 'packed' : type in fields ? (type as 'float32') : 'other';
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: typeCode[type], ...fields[field]() });
}

/** Two elements of four bits per byte, the first in the low half. */
function nibbles(data: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(data.length / 2) }, (_, i) => {
    return (data[2 * i] & 15) | (((data[2 * i + 1] ?? 0) & 15) << 4);
  });
}

function valueInfo(name: string, elemType: number, shape: readonly number[]) {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType,
          shape: { dim: shape.map((dim) => ({ value: { case: 'dimValue' as const, value: BigInt(dim) } })) },
        },
      },
    },
  });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  const make = (fields: Partial<AttributeProto>): AttributeProto =>
    create(AttributeProtoSchema, { name, ...fields } as AttributeProto);
  if (typeof value === 'string') return make({ type: Kind.STRING, s: new TextEncoder().encode(value) });
  if (typeof value === 'number') return make({ type: Kind.INT, i: BigInt(value) });
  if ('float' in value) return make({ type: Kind.FLOAT, f: value.float });
  if ('floats' in value) return make({ type: Kind.FLOATS, floats: [...value.floats] });
  if ('reference' in value) return make({ type: Kind.FLOAT, refAttrName: value.reference });
  if ('graph' in value) {
    const output = value.graph.outputs.map((output) => create(ValueInfoProtoSchema, { name: output }));
    return make({
      type: Kind.GRAPH,
      g: create(GraphProtoSchema, { name, node: value.graph.nodes.map(nodeProto), output }),
    });
  }
  if ('tensor' in value) return make({ type: Kind.TENSOR, t: tensorProto(value.tensor) });
  if ('strings' in value) {
    return make({ type: Kind.STRINGS, strings: value.strings.map((text) => new TextEncoder().encode(text)) });
  }
  return make({ type: Kind.INTS, ints: value.map(BigInt) });
}

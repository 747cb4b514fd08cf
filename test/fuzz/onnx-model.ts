import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
  ValueInfoProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';

export type AttributeValue = number | string | readonly number[] | { readonly float: number };

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
  readonly type?: 'float32' | 'int64';
}

export interface TestModel {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type?: 'float32' | 'int64';
  }[];
  readonly outputs: readonly string[];
  readonly initializers?: readonly TestTensor[];
  readonly nodes: readonly TestNode[];
  readonly opset?: number;
}

const typeCode = { float32: Type.FLOAT, int64: Type.INT64 } as const;

/** Encodes a model written down in a test as the bytes of an `.onnx` file. */
export function encodeModel({ inputs, outputs, initializers = [], nodes, opset = 17 }: TestModel): Uint8Array {
  const domains = new Set(nodes.map(({ domain = '' }) => domain));
  domains.add('');
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [...domains].map((domain) => ({ domain, version: BigInt(domain === '' ? opset : 3) })),
      graph: create(GraphProtoSchema, {
        name: 'test',
        input: inputs.map(({ name, shape, type = 'float32' }) => valueInfo(name, typeCode[type], shape)),
        output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
        initializer: initializers.map(({ name, shape, data, type = 'float32' }) =>
          create(TensorProtoSchema, {
            name,
            dims: shape.map(BigInt),
            dataType: typeCode[type],
            ...(type === 'float32' ? { floatData: [...data] } : { int64Data: data.map(BigInt) }),
          }),
        ),
        node: nodes.map(({ op, inputs: from, outputs: to, attributes = {}, domain = '' }, i) =>
          create(NodeProtoSchema, {
            name: `n${i}`,
            opType: op,
            domain,
            input: [...from],
            output: [...to],
            attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
          }),
        ),
      }),
    }),
  );
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
  return make({ type: Kind.INTS, ints: value.map(BigInt) });
}

import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../onnx/generated/onnx_pb.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';

/** A tensor of the network that is written: real numbers of a known shape. */
export interface Written {
  readonly name: string;
  readonly shape: Shape;
}

/** Attributes that the operators used here have. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** Writes an ONNX network over float32 tensors, node by node. */
export interface OnnxWriter {
  input(name: string, shape: Shape): Written;
  constant(data: ArrayLike<number>, shape: Shape): Written;
  /** One node with one output of the shape given. */
  node(op: string, inputs: readonly Written[], shape: Shape, attributes?: Attributes): Written;
  reshape(value: Written, shape: Shape): Written;
  /** The elements at these places of a flat tensor, in the shape given. */
  gather(flat: Written, places: Int32Array, shape: Shape): Written;
  cast(value: Written, type: 'float' | 'bool'): Written;
  output(name: string, value: Written): void;
  finish(): Uint8Array;
}

/** The newest that EZKL's reader was tested with. */
const OPSET = 17n;
const IR_VERSION = 8n;

export function createOnnxWriter(): OnnxWriter {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  let count = 0;
  const fresh = (): string => `v${count++}`;
  const push = (op: string, from: readonly string[], to: string, attributes: Attributes) => {
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    nodes.push(create(NodeProtoSchema, { name: `${op}_${to}`, opType: op, input: [...from], output: [to], attribute }));
  };
  const integers = (data: ArrayLike<number>, dims: Shape): string => {
    const rawData = new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
    return initializer(TensorProto_DataType.INT64, rawData, dims);
  };
  const initializer = (dataType: number, rawData: Uint8Array, dims: Shape): string => {
    const name = fresh();
    initializers.push(create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }));
    return name;
  };
  const writer: OnnxWriter = {
    input(name, shape) {
      inputs.push(valueInfo(name, shape));
      return { name, shape };
    },
    constant(data, shape) {
      const rawData = new Uint8Array(Float32Array.from(data).buffer);
      return { name: initializer(TensorProto_DataType.FLOAT, rawData, shape), shape };
    },
    node(op, from, shape, attributes = {}) {
      const name = fresh();
      push(
        op,
        from.map((value) => value.name),
        name,
        attributes,
      );
      return { name, shape };
    },
    reshape(value, shape) {
      if (value.shape.join() === shape.join()) return value;
      const name = fresh();
      push('Reshape', [value.name, integers(shape, [shape.length])], name, {});
      return { name, shape };
    },
    gather(flat, places, shape) {
      const all = places.length === sizeOf(flat.shape) && places.every((place, i) => place === i);
      if (all) return writer.reshape(flat, shape);
      const name = fresh();
      push('Gather', [flat.name, integers(places, [places.length])], name, { axis: 0 });
      return writer.reshape({ name, shape: [places.length] }, shape);
    },
    cast(value, type) {
      const to = type === 'float' ? TensorProto_DataType.FLOAT : TensorProto_DataType.BOOL;
      return writer.node('Cast', [value], value.shape, { to });
    },
    output(name, value) {
      push('Identity', [value.name], name, {});
      outputs.push(valueInfo(name, value.shape));
    },
    finish() {
      const graph = { name: 'rewritten', node: nodes, initializer: initializers, input: inputs, output: outputs };
      const opsetImport = [{ domain: '', version: OPSET }];
      return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: IR_VERSION, opsetImport, graph }));
    },
  };
  return writer;
}

function valueInfo(name: string, shape: Shape): ValueInfoProto {
  const dim = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  const value = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
}

function encodeAttribute(name: string, value: number | readonly number[]): AttributeProto {
  const { INT, INTS } = AttributeProto_AttributeType;
  return typeof value === 'number'
    ? create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: INTS, ints: value.map(BigInt) });
}

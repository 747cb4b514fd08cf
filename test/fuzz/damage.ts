import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  type GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';

type Random = () => number;

const below = (random: Random, bound: number): number => Math.floor(random() * bound);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)];

/** Flips bits, writes over, cuts out, repeats or cuts off some bytes. */
export function damageBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let times = 1 + below(random, 8); times > 0 && result.length > 0; times--) {
    const at = below(random, result.length);
    const length = 1 + below(random, Math.min(64, result.length - at));
    switch (below(random, 5)) {
      case 0:
        result[at] ^= 1 << below(random, 8);
        break;
      case 1:
        result.fill(below(random, 256), at, at + length);
        break;
      case 2:
        result = joined(result.subarray(0, at), result.subarray(at + length));
        break;
      case 3:
        result = joined(result.subarray(0, at + length), result.subarray(at));
        break;
      default:
        if (below(random, 4) === 0) result = result.slice(0, at);
    }
  }
  return result;
}

/** Writes a large number where one stands: over a length, a count or whatever the place means. */
export function inflateLength(bytes: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length);
  const sizes = [2 ** 31 - 1, 2 ** 32 - 1, 2 ** 28, 2 ** 16, 0xff];
  let rest = pick(random, sizes);
  const varint: number[] = [];
  for (; rest >= 128; rest = Math.floor(rest / 128)) varint.push((rest % 128) + 128);
  return joined(bytes.subarray(0, at), Uint8Array.from([...varint, rest]), bytes.subarray(at + 1));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Well-formed protobuf that says something wrong about the graph or its tensors. */
export function changeStructure(bytes: Uint8Array, random: Random): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (let times = 1 + below(random, 3); times > 0; times--) pick(random, changes)(model, random);
  return toBinary(ModelProtoSchema, model);
}

type GraphInit = MessageInitShape<typeof GraphProtoSchema>;
type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>;
type Change = (model: ModelProto, random: Random) => void;

const numbers = [-1n, 0n, 1n, 2n, 3n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];

const kinds: readonly Kind[] = Object.values(Kind).filter((kind) => typeof kind === 'number');

const changes: readonly Change[] = [
  // Other dimensions of a tensor, its data unchanged.
  (model, random) => {
    const tensor = someTensor(model, random);
    if (tensor === undefined) return;
    tensor.dims = Array.from({ length: below(random, 5) }, () => pick(random, numbers));
  },
  // Another element type.
  (model, random) => {
    const tensor = someTensor(model, random);
    if (tensor !== undefined) tensor.dataType = below(random, 30);
  },
  // Other values: indices, axes and shapes go anywhere.
  (model, random) => {
    const tensor = someTensor(model, random);
    if (tensor === undefined) return;
    tensor.int64Data = tensor.int64Data.map(() => pick(random, numbers));
    if (tensor.rawData.length > 0) tensor.rawData = tensor.rawData.map(() => below(random, 256));
  },
  // A sparse tensor that stands for far more than it holds.
  (model, random) => {
    const size = pick(random, numbers);
    const values = create(TensorProtoSchema, { name: 'sparse', dataType: 1, dims: [1n], floatData: [1] });
    const indices = create(TensorProtoSchema, { dataType: 7, dims: [1n], int64Data: [pick(random, numbers)] });
    model.graph?.sparseInitializer.push(create(SparseTensorProtoSchema, { dims: [size], values, indices }));
  },
  // A name that nothing produces.
  (model, random) => {
    const node = someNode(model, random);
    if (node !== undefined && node.input.length > 0) node.input[below(random, node.input.length)] = 'nowhere';
  },
  // A read from anywhere, often a later node: cycles and operands of the wrong shape and type.
  (model, random) => {
    const node = someNode(model, random);
    const other = someNode(model, random);
    if (node === undefined || other === undefined || other.output.length === 0) return;
    node.input[below(random, node.input.length + 1)] = pick(random, other.output);
  },
  // Missing operands or outputs, or the same twice.
  (model, random) => {
    const node = someNode(model, random);
    if (node === undefined) return;
    if (below(random, 2) === 0) node.input.splice(below(random, node.input.length + 1), 1);
    else node.output.push(...node.output);
  },
  // An operator with the name of another, of a property of objects, or none.
  (model, random) => {
    const node = someNode(model, random);
    const other = someNode(model, random);
    if (node !== undefined)
      node.opType = pick(random, [other?.opType ?? '', 'constructor', '__proto__', 'Relu', 'Loop', '']);
  },
  // Attributes out of all bounds.
  (model, random) => {
    const attribute = pick(random, someNode(model, random)?.attribute ?? []);
    if (attribute === undefined) return;
    attribute.i = pick(random, numbers);
    attribute.ints = attribute.ints.map((value) => (below(random, 2) === 0 ? value : pick(random, numbers)));
    attribute.f = pick(random, [0, Number.NaN, Number.POSITIVE_INFINITY, -1]);
  },
  // Missing attributes, or those of the wrong type.
  (model, random) => {
    const node = someNode(model, random);
    if (node === undefined || node.attribute.length === 0) return;
    if (below(random, 2) === 0) node.attribute.splice(below(random, node.attribute.length), 1);
    else pick(random, node.attribute).type = pick(random, kinds);
  },
  // The graph within itself, many levels deep.
  (model, random) => {
    const node = someNode(model, random);
    if (node === undefined || model.graph === undefined) return;
    let g: GraphInit = {};
    for (let depth = pick(random, [1, 5, 31, 33, 60]); depth > 0; depth--) {
      const attribute: AttributeInit[] = [{ name: 'then_branch', type: Kind.GRAPH, g }];
      g = {
        node: [create(NodeProtoSchema, { opType: 'If', input: ['c'], output: ['o'], attribute })],
        output: [{ name: 'o' }],
      };
    }
    node.attribute.push(
      create(NodeProtoSchema, { attribute: [{ name: 'else_branch', type: Kind.GRAPH, g }] }).attribute[0],
    );
  },
  // Dimensions of an input.
  (model, random) => {
    const type = pick(random, model.graph?.input ?? [])?.type?.value;
    if (type?.case !== 'tensorType') return;
    const dim = pick(random, type.value.shape?.dim ?? []);
    if (dim !== undefined) dim.value = { case: 'dimValue', value: pick(random, numbers) };
  },
  // Another operator set.
  (model, random) => {
    const opset = pick(random, model.opsetImport);
    if (opset !== undefined) opset.version = pick(random, [1n, 5n, 7n, 11n, 13n, 18n, 23n, ...numbers]);
  },
];

function someNode(model: ModelProto, random: Random): NodeProto | undefined {
  return pick(random, model.graph?.node ?? []);
}

function someTensor(model: ModelProto, random: Random): TensorProto | undefined {
  const constants = (model.graph?.node ?? []).flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []));
  return pick(random, [...(model.graph?.initializer ?? []), ...constants]);
}

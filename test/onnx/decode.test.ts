import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { decodeModel, decodeTensor } from '../../src/onnx/decode.ts';
import { OnnxDecodeError } from '../../src/onnx/decode-error.ts';
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
} from '../../src/onnx/generated/onnx_pb.ts';
import type { OnnxModel, OnnxTensor } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';

type ModelInit = MessageInitShape<typeof ModelProtoSchema>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

const encode = (init: ModelInit): Uint8Array => toBinary(ModelProtoSchema, create(ModelProtoSchema, init));
const decode = (init: ModelInit): OnnxModel => decodeModel(encode(init));
const encodeTensor = (init: TensorInit): Uint8Array => toBinary(TensorProtoSchema, create(TensorProtoSchema, init));

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxDecodeError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was thrown');
}

function dataOf(tensor: OnnxTensor | undefined): Float64Array {
  if (tensor === undefined || tensor.dtype === 'string') throw new Error('no numbers');
  return tensor.data;
}

describe('tensors as onnx reads them', () => {
  const { initializers } = readModel(join(import.meta.dirname, 'fixtures', 'tensors.onnx')).graph;
  const names = [...initializers.keys()].filter((name) => !name.endsWith(':values'));

  it('covers every numeric type', () => {
    const dtypes = new Set(names.map((name) => initializers.get(name)?.dtype));
    expect([...dtypes].sort()).toMatchInlineSnapshot(`
      [
        "bfloat16",
        "bool",
        "float16",
        "float32",
        "float4e2m1",
        "float64",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "float8e8m0",
        "int16",
        "int2",
        "int32",
        "int4",
        "int64",
        "int8",
        "uint16",
        "uint2",
        "uint32",
        "uint4",
        "uint64",
        "uint8",
      ]
    `);
  });

  it.each(names)('%s', (name) => {
    const tensor = initializers.get(name);
    const expected = initializers.get(`${name}:values`);
    expect(dataOf(tensor)).toEqual(dataOf(expected));
    expect(tensor?.dims).toEqual(expected?.dims);
  });

  it('flags 64-bit integers that float64 rounds', () => {
    const flagged = [...initializers.values()].filter((tensor) => tensor.dtype !== 'string' && tensor.inexact);
    expect(flagged.map(({ name }) => name)).toEqual(['INT64:raw', 'INT64:field', 'UINT64:raw', 'UINT64:field']);
    const exact = encodeTensor({ dims: [2n], dataType: Type.INT64, int64Data: [2n ** 53n - 1n, -(2n ** 53n) + 1n] });
    expect(decodeTensor(exact)).toMatchObject({ inexact: false });
  });
});

describe('claims that the bytes do not hold', () => {
  const float = { dataType: Type.FLOAT };
  const cases: [what: string, init: TensorInit, message: string][] = [
    ['raw data too short', { ...float, dims: [3n], rawData: new Uint8Array(8) }, 'has 8 bytes of data\nexpected 12'],
    ['raw data too long', { ...float, dims: [1n], rawData: new Uint8Array(8) }, 'has 8 bytes of data\nexpected 4'],
    ['too few values', { ...float, dims: [2n], floatData: [1] }, 'has 1 values\nexpected 2'],
    ['2 GB in a few bytes', { ...float, dims: [2n ** 29n] }, 'claims 536870912 elements'],
    ['1 GB in a few bytes', { ...float, dims: [2n ** 28n] }, 'has 0 values\nexpected 268435456'],
    ['an overflowing product', { ...float, dims: [2n ** 62n, 2n ** 62n] }, 'has dimension 4611686018427388000'],
    [
      'a product hidden by zero',
      { ...float, dims: [2n ** 52n, 2n ** 52n, 0n], rawData: new Uint8Array(4) },
      'has 4 bytes',
    ],
    ['a negative dimension', { ...float, dims: [-1n] }, 'has dimension -1'],
    ['an unknown type', { dataType: 99, dims: [] }, 'unknown element type 99'],
    ['no type', { dims: [] }, 'unknown element type 0'],
    ['complex numbers', { dataType: Type.COMPLEX64, dims: [1n], floatData: [1, 2] }, 'complex numbers'],
    [
      'a byte out of range',
      { dataType: Type.INT8, dims: [1n], int32Data: [128] },
      'value 128 at 0\nexpected -128 to 127',
    ],
    [
      'a code out of range',
      { dataType: Type.FLOAT16, dims: [1n], int32Data: [-1] },
      'value -1 at 0\nexpected 0 to 65535',
    ],
    ['a packed byte out of range', { dataType: Type.INT4, dims: [1n], int32Data: [300] }, 'expected 0 to 255'],
    ['a segment', { ...float, dims: [], segment: { begin: 0n, end: 1n } }, 'is a segment'],
    ['too few strings', { dataType: Type.STRING, dims: [2n], stringData: [] }, 'has 0 strings\nexpected 2'],
    [
      'data elsewhere',
      { ...float, dims: [1n], dataLocation: 1, externalData: [{ key: 'location', value: 'w' }] },
      'lies in "w"',
    ],
  ];
  it.each(cases)('refuses %s', (_, init, message) => {
    expect(messageOf(() => decodeTensor(encodeTensor(init)))).toContain(message);
  });

  it('counts all tensors together', () => {
    const initializer = ['a', 'b'].map((name) => ({
      name,
      dataType: Type.INT4,
      dims: [600n],
      rawData: new Uint8Array(300),
    }));
    const bytes = encode({ graph: { initializer } });
    expect(decodeModel(bytes, { limits: { maxTotalElements: 1200 } }).graph.initializers.size).toBe(2);
    expect(messageOf(() => decodeModel(bytes, { limits: { maxTotalElements: 1199 } }))).toContain(
      'up to "b" claim 1200',
    );
  });
});

describe('sparse initialisers', () => {
  const sparse = (dims: bigint[], values: number[], indexDims: bigint[], indices: bigint[]) =>
    decode({
      graph: {
        sparseInitializer: [
          {
            dims,
            values: { name: 's', dims: [BigInt(values.length)], dataType: Type.FLOAT, floatData: values },
            indices: { dims: indexDims, dataType: Type.INT64, int64Data: indices },
          },
        ],
      },
    }).graph.initializers.get('s');

  it('become dense from positions or coordinates', () => {
    expect([...dataOf(sparse([2n, 3n], [5, 7], [2n], [1n, 5n]))]).toEqual([0, 5, 0, 0, 0, 7]);
    expect([...dataOf(sparse([2n, 3n], [5, 7], [2n, 2n], [0n, 1n, 1n, 2n]))]).toEqual([0, 5, 0, 0, 0, 7]);
  });

  it.each([
    ['a position outside', [2n, 3n], [2n], [1n, 6n], 'index 6 along axis 0\nexpected 0 to 5'],
    ['a coordinate outside its axis', [2n, 3n], [2n, 2n], [0n, 3n, 0n, 0n], 'index 3 along axis 1\nexpected 0 to 2'],
    ['a negative coordinate', [2n, 3n], [2n, 2n], [0n, -1n, 0n, 0n], 'index -1'],
    ['too few coordinates', [2n, 3n], [2n, 1n], [0n, 1n], 'expected int64 of shape [2] or [2, 2]'],
    ['gigabytes from nothing', [2n ** 27n], [2n], [0n, 1n], 'stands for 134217728 elements'],
  ])('refuse %s', (_, dims, indexDims, indices, message) => {
    expect(messageOf(() => sparse(dims, [5, 7], indexDims, indices))).toContain(message);
  });
});

describe('models', () => {
  it('get names, domains and attributes', () => {
    const node = {
      opType: 'Gemm',
      domain: 'ai.onnx',
      input: ['x', ''],
      output: ['y'],
      attribute: [
        { name: 'alpha', type: Kind.FLOAT, f: 0.5 },
        { name: 'axis', i: -1n },
        { name: 'end', type: Kind.INT, i: 2n ** 63n - 1n },
        { name: 'mode', type: Kind.STRING, s: new TextEncoder().encode('größe') },
        { name: 'value', t: { dataType: Type.INT64, dims: [], int64Data: [7n] } },
      ],
    };
    const model = decode({
      opsetImport: [{ domain: 'ai.onnx', version: 13n }],
      graph: {
        node: [node],
        input: [
          {
            name: 'x',
            type: {
              value: {
                case: 'tensorType',
                value: {
                  elemType: Type.FLOAT,
                  shape: {
                    dim: [
                      { value: { case: 'dimParam', value: 'batch' } },
                      {},
                      { value: { case: 'dimValue', value: 4n } },
                    ],
                  },
                },
              },
            },
          },
        ],
        output: [{ name: 'y' }],
      },
    });
    expect(model.opsets).toEqual(new Map([['', 13]]));
    expect(model.graph.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['batch', '', 4] }]);
    expect(model.graph.outputs).toEqual([{ name: 'y', dtype: undefined, dims: undefined }]);
    const [{ name, op, domain, inputs, attributes }] = model.graph.nodes;
    expect({ name, op, domain, inputs }).toEqual({ name: 'Gemm_0', op: 'Gemm', domain: '', inputs: ['x', ''] });
    expect(attributes.get('alpha')).toEqual({ type: 'float', value: 0.5 });
    expect(attributes.get('axis')).toEqual({ type: 'int', value: -1 });
    expect(attributes.get('end')).toEqual({ type: 'int', value: 2 ** 63 });
    expect(attributes.get('mode')).toEqual({ type: 'string', value: 'größe' });
    expect(attributes.get('value')).toMatchObject({ type: 'tensor', value: { data: new Float64Array([7]) } });
  });

  it('refuse what contradicts itself or has no bounds', () => {
    const opsetImport = [
      { domain: '', version: 13n },
      { domain: 'ai.onnx', version: 17n },
    ];
    expect(messageOf(() => decode({ opsetImport, graph: {} }))).toContain('versions 13 and 17');
    const attribute = [
      { name: 'axis', i: 1n },
      { name: 'axis', i: 2n },
    ];
    expect(messageOf(() => decode({ graph: { node: [{ attribute }] } }))).toContain('has an attribute twice');
    expect(messageOf(() => decode({}))).toContain('holds no graph');
    const many = encode({ graph: { node: Array.from({ length: 50 }, () => ({})) } });
    expect(messageOf(() => decodeModel(many, { limits: { maxNodes: 49 } }))).toContain('more than 49 nodes');
    expect(messageOf(() => decodeModel(many, { limits: { maxObjects: 40 } }))).toContain(
      'graph.node[39] is one of more than 40',
    );
  });

  it('name the field in which the file is damaged', () => {
    const bytes = encode({ graph: { node: [{ opType: 'Relu', input: ['x'], output: ['y'] }] } });
    expect(messageOf(() => decodeModel(bytes.subarray(0, bytes.length - 2)))).toMatchInlineSnapshot(`
      "the 14 bytes are not an ONNX model
      graph claims 14 bytes at byte 2
      12 are left; the file may be truncated"
    `);
    expect(messageOf(() => decodeModel(new TextEncoder().encode('<!doctype html>')))).toMatchInlineSnapshot(`
      "the 15 bytes are not an ONNX model
      graph has wire type 4 at byte 1
      expected 0, 1, 2 or 5"
    `);
    expect(messageOf(() => decodeModel(new Uint8Array()))).toMatchInlineSnapshot(`
      "the file holds no graph
      It may not be an ONNX model."
    `);
  });

  it('refuse graphs nested too deep', () => {
    let graph: ModelInit['graph'] = {};
    for (let depth = 0; depth < 20; depth++)
      graph = { node: [{ attribute: [{ name: 'body', type: Kind.GRAPH, g: graph }] }] };
    const bytes = encode({ graph });
    expect(decodeModel(bytes).graph.nodes).toHaveLength(1);
    expect(messageOf(() => decodeModel(bytes, { limits: { maxDepth: 19 } }))).toContain('nested deeper than 19');
  });
});

it('refuses a huge count of small things before building them', () => {
  const nodes = new Uint8Array(2 * 3_000_000);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  const graph = [0x3a, ...varint(nodes.length)];
  const bytes = new Uint8Array([...graph, ...new Uint8Array(nodes.length)]);
  bytes.set(nodes, graph.length);
  const before = process.memoryUsage().rss;
  expect(messageOf(() => decodeModel(bytes))).toContain('graph.node[1048575]');
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
});

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

import { InferenceSession } from 'onnxruntime-node';
import { expect } from 'vitest';
import { VouchError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { type Shape, sizeOf } from '../../src/tensor/shape.ts';
import { stages } from '../conformance/stages.ts';
import { type AttributeValue, encodeModel, type TestModel, type TestType } from '../fuzz/onnx-model.ts';
import { tensor } from './onnxruntime.ts';

/** An operand of the node under test; `constant` makes it an initialiser. Without data it gets reproducible noise. */
export interface Operand {
  readonly shape: Shape;
  readonly data?: readonly number[];
  readonly type?: TestType;
  readonly constant?: boolean;
}

export interface OneNode {
  readonly op: string;
  readonly operands: readonly (Operand | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly opset?: number;
  readonly outputs?: number;
}

export const constant = (shape: Shape, data?: readonly number[]): Operand => ({
  shape,
  constant: true,
  ...(data === undefined ? {} : { data }),
});

export const integers = (...data: number[]): Operand => ({
  shape: [data.length],
  data,
  type: 'int64',
  constant: true,
});

/** Multiples of 1/64 in [−2, 2), the same for the same seed. */
export function noise(count: number, seed: number): number[] {
  let state = (seed + 1) * 48271;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return ((state >> 8) % 256) / 64 - 2;
  });
}

function modelOf({ op, operands, attributes = {}, opset = 19, outputs = 1 }: OneNode) {
  const named = operands.map((operand, i) => ({
    operand,
    name: operand === undefined ? '' : `x${i}`,
    shape: operand?.shape ?? [],
    type: operand?.type ?? 'float32',
    data: operand?.data ?? noise(sizeOf(operand?.shape ?? []), i),
  }));
  const free = named.filter(({ operand }) => operand !== undefined && operand.constant !== true);
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const model: TestModel = {
    opset,
    inputs: free.map(({ name, shape, type }) => ({ name, shape, type })),
    initializers: named.filter(({ operand }) => operand?.constant === true),
    nodes: [{ op, inputs: named.map(({ name }) => name), outputs: names, attributes }],
    outputs: names,
  };
  return { bytes: encodeModel(model), free, names };
}

/** The node's float and quantised results agree with onnxruntime's, as the conformance suite defines it. */
export async function agrees(node: OneNode): Promise<void> {
  const { bytes, free, names } = modelOf(node);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(free.map(({ name, type, data, shape }) => [name, tensor(type, data, shape)]));
  const results = await session.run(feeds);
  await session.release();
  const model = importModel(decodeModel(bytes));
  const outputs = names.map((name, i) => {
    const { dtype, shape } = model.graph.nodes[model.graph.outputs[i].node];
    expect([...shape], `shape of ${node.op}`).toEqual([...results[name].dims]);
    if (dtype === 'string') throw new Error('no strings in this test');
    return { name, dtype, dims: shape, data: Float64Array.from(results[name].data, Number), inexact: false };
  });
  const inputs = new Map(free.map(({ name, data }) => [name, Float64Array.from(data)]));
  const loaded = { model, dataSets: [{ inputs, outputs }], fixed: [] };
  const about = `${node.op} ${JSON.stringify(node)}`;
  expect(stages.float(loaded), about).toBeUndefined();
  expect(stages.quantised(loaded), about).toBeUndefined();
}

/** The first output of a node whose operands are all constant. */
export function folded(node: OneNode): number[] {
  const { graph } = importModel(decodeModel(modelOf(node).bytes));
  const output = graph.nodes[graph.outputs[0].node];
  if (output.kind !== 'const') throw new Error('the node has computed operands');
  return [...output.data];
}

/** What the import says about a node it does not take. */
export function refusal(node: OneNode): string {
  try {
    importModel(decodeModel(modelOf(node).bytes));
    return 'accepted';
  } catch (error) {
    if (error instanceof VouchError) return error.message;
    throw error;
  }
}

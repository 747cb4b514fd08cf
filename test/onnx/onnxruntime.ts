import { InferenceSession, Tensor } from 'onnxruntime-node';
import { evaluate } from '../../src/graph/evaluate.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { encodeModel, type TestModel } from '../fuzz/onnx-model.ts';

/** The outputs of a model for each sample of its inputs: from onnxruntime, from the imported graph, and simplified. */
export interface Answers {
  readonly expected: Map<string, number[]>[];
  readonly imported: Map<string, number[]>[];
  readonly simplified: Map<string, number[]>[];
}

export async function answers(model: TestModel, samples: readonly Record<string, number[]>[]): Promise<Answers> {
  const bytes = encodeModel(model);
  const { graph } = importModel(decodeModel(bytes));
  const simple = simplify(graph);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const result: Answers = { expected: [], imported: [], simplified: [] };
  for (const sample of samples) {
    const feeds = Object.fromEntries(
      model.inputs.map(({ name, shape, type = 'float32' }) => [name, tensor(type, sample[name], shape)]),
    );
    const outputs = await session.run(feeds);
    result.expected.push(new Map(model.outputs.map((name) => [name, Array.from(outputs[name].data, Number)])));
    const inputs = new Map(Object.entries(sample).map(([name, data]) => [name, Float64Array.from(data)]));
    result.imported.push(plain(evaluate(graph, inputs)));
    result.simplified.push(plain(evaluate(simple, inputs)));
  }
  await session.release();
  return result;
}

export function tensor(type: string, data: readonly number[], shape: readonly number[]): Tensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', Float32Array.from(data), shape);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), shape);
    case 'int64':
      return new Tensor('int64', BigInt64Array.from(data, BigInt), shape);
    case 'int32':
      return new Tensor('int32', Int32Array.from(data), shape);
    case 'int8':
      return new Tensor('int8', Int8Array.from(data), shape);
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data), shape);
    case 'bool':
      return new Tensor('bool', Uint8Array.from(data), shape);
    default:
      throw new Error(`no tensor of type ${type} in this test`);
  }
}

const plain = (outputs: Map<string, Float64Array>): Map<string, number[]> =>
  new Map([...outputs].map(([name, data]) => [name, Array.from(data)]));

/** Largest difference over all outputs, relative to the largest value of an output or `floor` if that is more. */
export function difference(expected: Map<string, number[]>, got: Map<string, number[]>, floor = 1): number {
  let worst = 0;
  for (const [name, values] of expected) {
    const own = got.get(name) ?? [];
    if (own.length !== values.length) return Number.POSITIVE_INFINITY;
    const size = Math.max(floor, ...values.map(Math.abs));
    for (const [i, value] of values.entries()) worst = Math.max(worst, Math.abs(value - own[i]) / size);
  }
  return worst;
}

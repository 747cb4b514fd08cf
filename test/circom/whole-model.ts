import { readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { readData } from '../../src/data/read.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { toSamples } from '../../src/inspect/samples.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { type QuantisedModel, quantise } from '../../src/quant/quantise.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { encodeModel, type TestModel } from '../fuzz/onnx-model.ts';
import { tensor } from '../onnx/onnxruntime.ts';
import { Random } from '../r1cs/lower/random.ts';

/** An ONNX model in integers, with samples and what onnxruntime answers to them. */
export interface WholeModel {
  readonly quantised: QuantisedModel;
  readonly samples: readonly Sample[];
  readonly answers: readonly ReadonlyMap<string, readonly number[]>[];
}

const bits = 8;
const precision = { activationBits: bits, weightBits: bits, inputBits: bits, nodes: new Map() };

/** A model of `models/` on rows that nothing else has seen. */
export async function exampleModel(name: string, count: number): Promise<WholeModel> {
  const bytes = readFileSync(`models/${name}/model.onnx`);
  const inputs = inputsOf(importModel(decodeModel(bytes)).graph).map(({ node }) => node);
  const calibration = toSamples(await readData(`models/${name}/calibration.npz`, inputs)).slice(0, 20);
  const samples = toSamples(await readData(`models/${name}/heldout.npz`, inputs)).slice(0, count);
  return wholeModel(bytes, calibration, samples);
}

/** A model written down in a test, on random inputs in [−1, 1]. */
export async function writtenModel(model: TestModel, count: number): Promise<WholeModel> {
  const random = new Random(7);
  const values = (shape: readonly number[]): Float64Array =>
    random.ints(
      shape.reduce((product, dim) => product * dim, 1),
      -1000,
      1000,
    );
  const sample = (): Sample =>
    new Map(model.inputs.map(({ name, shape }) => [name, values(shape).map((v) => v / 1000)]));
  const samples = Array.from({ length: 20 + count }, sample);
  return wholeModel(encodeModel(model), samples, samples.slice(-count));
}

async function wholeModel(
  bytes: Uint8Array,
  calibration: readonly Sample[],
  samples: readonly Sample[],
): Promise<WholeModel> {
  const graph = simplify(importModel(decodeModel(bytes)).graph);
  const specs = inputsOf(graph).map(({ node }) => node);
  const quantised = quantise(graph, {
    precision,
    policy: { name: 'worst-case' },
    observed: observe(graph, [...calibration, ...samples]),
    grids: inputGrids(graph, [...calibration, ...samples], bits),
  });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const answers: ReadonlyMap<string, readonly number[]>[] = [];
  for (const sample of samples) {
    const feeds = specs.map(({ name, dtype, shape }) => [name, tensor(dtype, [...(sample.get(name) ?? [])], shape)]);
    const outputs = await session.run(Object.fromEntries(feeds));
    answers.push(new Map(session.outputNames.map((name) => [name, Array.from(outputs[name].data, Number)])));
  }
  await session.release();
  return { quantised, samples, answers };
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readData } from '../../src/data/read.ts';
import { type Graph, inputsOf } from '../../src/graph/graph.ts';
import { type References, referenceOutputs } from '../../src/inspect/reference.ts';
import { toSamples } from '../../src/inspect/samples.ts';
import { importModel } from '../../src/onnx/import.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { isReal } from '../../src/tensor/dtype.ts';

/** Rows of a model's that neither training nor calibration has seen. */
export interface HeldOut {
  readonly samples: readonly Sample[];
  /** How far the real outputs of the first samples, by some prover, are from onnxruntime's, at most. */
  maxDelta(outputs: readonly ReadonlyMap<string, Float64Array>[]): Promise<number>;
}

export async function readHeldOut(model: string, count: number): Promise<HeldOut> {
  const path = join(model, 'model.onnx');
  const { graph } = importModel(readModel(path));
  const samples = (await readRows(model, 'heldout.npz', graph)).slice(0, count);
  let reference: Promise<References> | undefined;
  return {
    samples,
    async maxDelta(outputs) {
      reference ??= referenceOutputs(path, graph, samples);
      const { references, description } = await reference;
      if (!description.startsWith('onnxruntime')) throw new Error(`compared with ${description}, not onnxruntime`);
      let most = 0;
      for (const [i, { name, node }] of graph.outputs.entries()) {
        if (!isReal(graph.nodes[node].dtype)) continue;
        for (const [s, proved] of outputs.entries()) {
          const values = proved.get(name);
          const expected = references[s][i];
          if (values?.length !== expected.length) throw new Error(`the prover has no output "${name}" of this length`);
          for (let k = 0; k < values.length; k++) most = Math.max(most, Math.abs(values[k] - expected[k]));
        }
      }
      return most;
    },
  };
}

/** The first rows of the calibration data as JSON, for provers that take long for each. */
export async function calibrationJson(model: string, count: number): Promise<string> {
  const { graph } = importModel(readModel(join(model, 'model.onnx')));
  const shapes = new Map(inputsOf(graph).map(({ node }) => [node.name, node.shape]));
  const samples = (await readRows(model, 'calibration.npz', graph)).slice(0, count);
  const nested = samples.map((sample) =>
    Object.fromEntries([...sample].map(([name, values]) => [name, nest([...values], shapes.get(name) ?? [])])),
  );
  return JSON.stringify(nested);
}

function nest(values: readonly unknown[], shape: readonly number[]): unknown {
  let list = values;
  for (const size of shape.slice(1).reverse()) {
    list = Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
  }
  return list;
}

async function readRows(model: string, file: string, graph: Graph): Promise<Sample[]> {
  const path = join(model, file);
  if (!existsSync(path)) return [];
  const inputs = inputsOf(graph).map(({ node }) => node);
  return toSamples(await readData(path, inputs));
}

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixedNetwork, type Network } from '../../src/backend/ezkl/network.ts';
import { CannotRewriteError } from '../../src/backend/ezkl/rewrite-error.ts';
import { rewriteGraph, rewrittenNetwork } from '../../src/backend/ezkl/rewritten-network.ts';
import { readData } from '../../src/data/read.ts';
import { createGraphBuilder } from '../../src/graph/builder.ts';
import { toSamples } from '../../src/inspect/samples.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';

const models = [
  'credit-mlp',
  'credit-forest',
  'credit-gbdt',
  'credit-lightgbm',
  'mnist-mlp',
  'mnist-lenet5',
  'volatility',
  'transformer',
  'resnet8',
];

async function outputsOf(network: string | Uint8Array, inputs: Network['inputs'], samples: readonly Sample[]) {
  const runtime = await openFloatRuntime(network, inputs);
  try {
    const outputs: Map<string, Float64Array>[] = [];
    for (const sample of samples) outputs.push(await runtime.run(sample));
    return outputs;
  } finally {
    await runtime.close();
  }
}

/** Rewritten networks take and give reals only. */
const asReals = (inputs: Network['inputs']) => inputs.map((input) => ({ ...input, dtype: 'float32' as const }));

test.each(models)('the rewritten %s computes what the model computes, in onnxruntime', async (name) => {
  const path = `models/${name}/model.onnx`;
  const network = await rewrittenNetwork(path);
  const samples = toSamples(await readData(`models/${name}/heldout.npz`, network.inputs)).slice(0, 8);
  const expected = await outputsOf(path, network.inputs, samples);
  const got = await outputsOf(network.bytes, asReals(network.inputs), samples);
  expect(network.outputs).toEqual([...expected[0].keys()]);
  for (const [i, outputs] of expected.entries()) {
    for (const [output, values] of outputs) {
      const scale = Math.max(1, ...values.map(Math.abs));
      const error = Math.max(...values.map((value, at) => Math.abs((got[i].get(output)?.[at] ?? Number.NaN) - value)));
      expect(error, output).toBeLessThan(1e-4 * scale);
    }
  }
});

test('a network of its own form keeps its operators and has no symbol left', async () => {
  const path = 'models/volatility/model.onnx';
  const network = await fixedNetwork(path);
  const [before, after] = [decodeModel(readFileSync(path)), decodeModel(network.bytes)];
  expect(before.graph.inputs[0].dims).toEqual(['batch', 10, 4]);
  expect(after.graph.inputs[0].dims).toEqual([1, 10, 4]);
  expect(after.graph.outputs[0].dims).toBeUndefined();
  expect(after.graph.nodes.map(({ op }) => op)).toEqual(before.graph.nodes.map(({ op }) => op));
  const samples = toSamples(await readData('models/volatility/heldout.npz', network.inputs)).slice(0, 2);
  const expected = await outputsOf(path, network.inputs, samples);
  expect(await outputsOf(network.bytes, network.inputs, samples)).toEqual(expected);
});

test('what EZKL has no operators for is refused by name', () => {
  const b = createGraphBuilder();
  b.from({ node: 'low bits', op: 'BitShift' });
  const x = b.push({ kind: 'input', inputs: [], shape: [2], dtype: 'uint8', name: 'x' });
  const y = b.push({
    kind: 'bits',
    inputs: [x],
    shape: [2],
    dtype: 'uint8',
    op: 'shr',
    width: 8,
    signed: false,
    amount: 1,
  });
  const graph = b.finish([{ name: 'y', node: y }]);
  expect(() => rewriteGraph(graph)).toThrow(CannotRewriteError);
  expect(() => rewriteGraph(graph)).toThrow('BitShift of node "low bits"');
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readData } from '../../src/data/read.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { toSamples } from '../../src/inspect/samples.ts';
import { importModel } from '../../src/onnx/import.ts';
import { readModel } from '../../src/onnx/read.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs } from '../../src/quant/interpret.ts';
import type { Observed, Precision } from '../../src/quant/precision.ts';
import { type QuantisedModel, quantise } from '../../src/quant/quantise.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';

/** Small enough to be compiled whenever tests run; the others are compiled by the heavy suites. */
export const smallModels = ['credit-forest', 'credit-gbdt', 'credit-lightgbm', 'credit-mlp', 'mnist-mlp'] as const;
export const largeModels = readdirSync('models')
  .filter((name) => existsSync(`models/${name}/model.onnx`))
  .filter((name) => !smallModels.some((small) => small === name));

/** A model of `models/` as a circuit, with the integers of one real sample. */
export interface ExampleModel {
  readonly quantised: QuantisedModel;
  readonly circuit: Circuit;
  readonly values: readonly Float64Array[];
}

/**
 * Everywhere the same: the search for the cheapest precision takes minutes and follows whatever it is measured by, so
 * that its result says little about the gadgets.
 */
const precision: Precision = { activationBits: 8, weightBits: 8, inputBits: 8, nodes: new Map() };
const samplesSeen = 20;

export async function compileExample(name: string): Promise<ExampleModel> {
  const graph = simplify(importModel(readModel(`models/${name}/model.onnx`)).graph);
  const inputs = inputsOf(graph).map(({ node }) => node);
  const samples = toSamples(await readData(`models/${name}/calibration.npz`, inputs)).slice(0, samplesSeen);
  const path = `models/${name}/bounds.json`;
  const declared: Record<string, Observed> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const bounds = new Map(Object.entries(declared));
  const quantised = quantise(graph, {
    precision,
    policy: { name: 'worst-case' },
    observed: observe(graph, samples),
    grids: inputGrids(graph, samples, precision.inputBits, bounds),
  });
  const values = interpret(quantised.graph, quantiseInputs(quantised.graph, samples[0]));
  return { quantised, circuit: lower(quantised.graph, quantised.ranges), values };
}

import { evaluate } from '../../src/graph/evaluate.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import { quantise } from '../../src/quant/quantise.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { isReal } from '../../src/tensor/dtype.ts';
import { encodeModel, type TestModel } from '../fuzz/onnx-model.ts';

/**
 * Quantises a model with 16 bits for the range of its samples and compares the proved outputs with the float ones: the
 * first distance beyond its proved bound, or beyond 1 % of the values' size (anything at all for integers), in words.
 */
export function provedDifference(model: TestModel, samples: readonly Record<string, number[]>[]): string | undefined {
  const graph = simplify(importModel(decodeModel(encodeModel(model))).graph);
  const data: Sample[] = samples.map(
    (sample) => new Map(Object.entries(sample).map(([name, values]) => [name, Float64Array.from(values)])),
  );
  const quantised = quantise(graph, {
    precision: { activationBits: 16, weightBits: 16, inputBits: 16, nodes: new Map() },
    policy: { name: 'worst-case' },
    observed: observe(graph, data),
    grids: inputGrids(graph, data, 16),
  });
  for (const sample of data) {
    const float = evaluate(graph, sample);
    const values = interpret(quantised.graph, quantiseInputs(quantised.graph, sample));
    for (const [o, { name, node }] of quantised.graph.outputs.entries()) {
      const want = float.get(name) ?? new Float64Array();
      const got = toReal(quantised.graph.nodes[node], values[node]);
      const size = want.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const tolerance = isReal(graph.nodes[graph.outputs[o].node].dtype) ? size / 100 : 0;
      for (const [i, v] of want.entries()) {
        const distance = Math.abs(got[i] - v);
        const bound = quantised.outputErrors[o][i] + 1e-9 * (1 + Math.abs(v));
        if (!(distance <= Math.min(bound, Math.max(tolerance, 1e-12)))) {
          return `${name}[${i}] = ${got[i]} proved, ${v} in floats, bound ${bound}`;
        }
      }
    }
  }
  return undefined;
}

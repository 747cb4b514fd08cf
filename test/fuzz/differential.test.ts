import { describe, expect, test } from 'vitest';
import { VouchError } from '../../src/errors.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { createRandom } from '../../src/inspect/synthesise.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { supportedOps } from '../../src/onnx/ops/all.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import { quantise } from '../../src/quant/quantise.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';
import { encodeModel } from './onnx-model.ts';
import { randomModel } from './random-model.ts';

const models = Number(process.env.VOUCH_FUZZ_RUNS ?? 120);
const supported = new Set(supportedOps());

/**
 * Random small networks through the whole front half: the float interpreter against onnxruntime before and after the
 * passes, the integers against the float interpreter within the bound they proved themselves.
 */
describe('random networks', () => {
  const tally = { quantised: 0, refused: 0 };
  for (let seed = 1; seed <= models; seed++) {
    test(`network ${seed}`, async () => {
      const random = createRandom(seed * 7919);
      const bytes = encodeModel(randomModel(random, 2 + Math.floor(random() * 7), supported));
      const { graph } = importModel(decodeModel(bytes));
      const simple = simplify(graph);
      const [{ node: input }] = inputsOf(graph);
      const samples: Sample[] = Array.from({ length: 6 }, () => {
        const size = input.shape.reduce((product, dim) => product * dim, 1);
        return new Map([[input.name, Float64Array.from({ length: size }, () => Math.fround(random() * 4 - 2))]]);
      });
      const runtime = await openFloatRuntime(bytes, [input]);
      const [{ name }] = graph.outputs;
      for (const sample of samples) {
        const want = (await runtime.run(sample)).get(name) ?? new Float64Array();
        expectClose(evaluate(graph, sample).get(name), want);
        expectClose(evaluate(simple, sample).get(name), want);
      }
      await runtime.close();
      try {
        const model = quantise(simple, {
          precision: { activationBits: 12, weightBits: 10, inputBits: 12, nodes: new Map() },
          policy: { name: 'worst-case' },
          observed: observe(simple, samples),
          grids: inputGrids(simple, samples, 12),
        });
        for (const sample of samples) {
          const values = interpret(model.graph, quantiseInputs(model.graph, sample));
          const { node } = model.graph.outputs[0];
          const got = toReal(model.graph.nodes[node], values[node]);
          const want = evaluate(simple, sample).get(name) ?? new Float64Array();
          got.forEach((v, i) => {
            expect(Math.abs(v - want[i])).toBeLessThanOrEqual(model.outputErrors[0][i] * (1 + 1e-9) + 1e-9);
          });
          values.forEach((value, id) => {
            const { lo, hi } = model.ranges[id];
            expect(value.every((v, i) => v >= lo[i] && v <= hi[i])).toBe(true);
          });
        }
        tally.quantised++;
      } catch (error) {
        if (!(error instanceof VouchError)) throw error;
        tally.refused++;
      }
    });
  }
  test('most networks can be quantised', () => {
    expect(tally.quantised).toBeGreaterThan(4 * tally.refused);
  });
});

function expectClose(got: Float64Array | undefined, want: Float64Array): void {
  expect(got?.length).toBe(want.length);
  const scale = want.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  got?.forEach((v, i) => {
    expect(Math.abs(v - want[i])).toBeLessThanOrEqual(2e-5 * scale);
  });
}

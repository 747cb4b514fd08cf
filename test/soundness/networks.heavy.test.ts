import { expect, test } from 'vitest';
import { VouchError } from '../../src/errors.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { createRandom } from '../../src/inspect/synthesise.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { supportedOps } from '../../src/onnx/ops/all.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs } from '../../src/quant/interpret.ts';
import { quantise } from '../../src/quant/quantise.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { randomModel } from '../fuzz/random-model.ts';
import { Random } from '../r1cs/lower/random.ts';
import { subjectOf } from './forge.ts';
import { type Tally, tellLies } from './liar.ts';

const networks = 40;
const mostRows = 20_000;
const supported = new Set(supportedOps());
const precision = { activationBits: 8, weightBits: 8, inputBits: 8, nodes: new Map() };

/** Operators in combinations that nobody thought of. */
test('random networks accept no lie', () => {
  const tally: Tally = new Map();
  let proved = 0;
  for (let seed = 1; seed <= networks; seed++) {
    const random = createRandom(seed * 104_729);
    const model = randomModel(random, 2 + Math.floor(random() * 6), supported);
    const graph = simplify(importModel(decodeModel(encodeModel(model))).graph);
    const [{ node: input }] = inputsOf(graph);
    const size = input.shape.reduce((product, dim) => product * dim, 1);
    const sample = new Map([[input.name, Float64Array.from({ length: size }, () => Math.fround(random() * 4 - 2))]]);
    try {
      const grids = inputGrids(graph, [sample], precision.inputBits);
      const observed = observe(graph, [sample]);
      const quantised = quantise(graph, { precision, policy: { name: 'worst-case' }, observed, grids });
      const circuit = lower(quantised.graph, quantised.ranges);
      if (circuit.system.rows > mostRows) continue;
      const values = interpret(quantised.graph, quantiseInputs(quantised.graph, sample));
      const subject = subjectOf(quantised.graph, circuit, values);
      const failure = findUnsatisfied(circuit.system, subject.witness);
      expect(failure && describeUnsatisfied(failure), `network ${seed}`).toBeUndefined();
      const what = `network ${seed}`;
      tellLies(subject, tally, { random: new Random(seed), elements: 2, wires: 2, most: 12, what });
      proved++;
    } catch (error) {
      if (!(error instanceof VouchError)) throw error;
    }
  }
  expect(proved).toBeGreaterThan(networks / 2);
  expect(tally.size).toBeGreaterThan(20);
});

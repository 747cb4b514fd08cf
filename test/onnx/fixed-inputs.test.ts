import { expect, test } from 'vitest';
import { evaluate } from '../../src/graph/evaluate.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { OnnxModelError } from '../../src/onnx/check.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { type ImportOptions, importModel } from '../../src/onnx/import.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

const onnx = decodeModel(
  encodeModel({
    inputs: [
      { name: 'x', shape: [2, 3] },
      { name: 'order', shape: [2], type: 'int32' },
    ],
    outputs: ['y'],
    nodes: [
      { op: 'Cast', inputs: ['order'], outputs: ['shape'], attributes: { to: 7 } },
      { op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] },
    ],
  }),
);

function problems(options: ImportOptions) {
  try {
    importModel(onnx, options);
    return [];
  } catch (error) {
    return error instanceof OnnxModelError ? error.problems : [];
  }
}

test('a problem names the input whose value would solve it', () => {
  expect(problems({})).toMatchObject([{ op: 'Reshape', input: 'order' }]);
});

test('a fixed input is no input any more', () => {
  const { graph } = importModel(onnx, { fixed: new Map([['order', Float64Array.of(3, -1)]]) });
  expect(inputsOf(graph).map(({ node }) => node.name)).toEqual(['x']);
  const x = Float64Array.of(1, 2, 3, 4, 5, 6);
  expect(evaluate(graph, new Map([['x', x]])).get('y')).toEqual(x);
  expect(graph.nodes[graph.outputs[0].node].shape).toEqual([3, 2]);
});

test('a value of another size is refused', () => {
  const found = problems({ fixed: new Map([['order', Float64Array.of(6)]]) });
  expect(found).toMatchObject([{ node: 'order', message: 'is fixed to 1 values, but has shape [2]' }]);
});

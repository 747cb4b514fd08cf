import type { TestModel, TestTensor } from '../fuzz/onnx-model.ts';
import { Random } from '../r1cs/lower/random.ts';

function weights(random: Random, name: string, shape: readonly number[]): TestTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { name, shape, data: Array.from(random.ints(size, -1000, 1000), (v) => v / 1000) };
}

/** A convolution with ReLU, max pooling, a dense layer and the index of the largest score. */
export function convolutionalNetwork(): TestModel {
  const random = new Random(21);
  const w = (name: string, shape: readonly number[]): TestTensor => weights(random, name, shape);
  return {
    inputs: [{ name: 'image', shape: [1, 1, 6, 6] }],
    outputs: ['scores', 'label'],
    initializers: [w('kernel', [2, 1, 3, 3]), w('bias', [2]), w('dense', [8, 3]), w('shift', [3])],
    nodes: [
      { op: 'Conv', inputs: ['image', 'kernel', 'bias'], outputs: ['features'] },
      { op: 'Relu', inputs: ['features'], outputs: ['active'] },
      { op: 'MaxPool', inputs: ['active'], outputs: ['pooled'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['flat'] },
      { op: 'Gemm', inputs: ['flat', 'dense', 'shift'], outputs: ['scores'] },
      { op: 'ArgMax', inputs: ['scores'], outputs: ['label'], attributes: { axis: 1, keepdims: 0 } },
    ],
  };
}

/** One head of attention over three tokens, with softmax, a layer norm and a GELU. */
export function attentionNetwork(): TestModel {
  const random = new Random(22);
  const w = (name: string, shape: readonly number[]): TestTensor => weights(random, name, shape);
  const gain = { name: 'gain', shape: [2], data: [1, 0.75] };
  return {
    inputs: [{ name: 'tokens', shape: [3, 2] }],
    outputs: ['y'],
    initializers: [w('wq', [2, 2]), w('wk', [2, 2]), w('wv', [2, 2]), gain, w('offset', [2])],
    nodes: [
      { op: 'MatMul', inputs: ['tokens', 'wq'], outputs: ['q'] },
      { op: 'MatMul', inputs: ['tokens', 'wk'], outputs: ['k'] },
      { op: 'MatMul', inputs: ['tokens', 'wv'], outputs: ['v'] },
      { op: 'Transpose', inputs: ['k'], outputs: ['kt'], attributes: { perm: [1, 0] } },
      { op: 'MatMul', inputs: ['q', 'kt'], outputs: ['s'] },
      { op: 'Softmax', inputs: ['s'], outputs: ['p'], attributes: { axis: -1 } },
      { op: 'MatMul', inputs: ['p', 'v'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'tokens'], outputs: ['r'] },
      { op: 'LayerNormalization', inputs: ['r', 'gain', 'offset'], outputs: ['n'], attributes: { axis: -1 } },
      { op: 'Tanh', inputs: ['n'], outputs: ['y'] },
    ],
  };
}

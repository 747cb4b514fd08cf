import type { TestModel } from './fuzz/onnx-model.ts';

/** Two dense layers with a ReLU between them: three inputs, two outputs. */
export const smallNetwork: TestModel = {
  inputs: [{ name: 'x', shape: [1, 3] }],
  outputs: ['y'],
  initializers: [
    { name: 'w', shape: [3, 2], data: [1, -0.5, 0.25, 2, -1, 0.75] },
    { name: 'v', shape: [2, 2], data: [0.5, -1, 1.5, 1] },
  ],
  nodes: [
    { op: 'Gemm', inputs: ['x', 'w'], outputs: ['h'] },
    { op: 'Relu', inputs: ['h'], outputs: ['r'] },
    { op: 'Gemm', inputs: ['r', 'v'], outputs: ['y'] },
  ],
};

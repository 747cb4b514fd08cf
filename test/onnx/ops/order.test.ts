import { describe } from 'vitest';
import { agrees, axes, float, number, refuses } from './call.ts';

const x = { shape: [2, 3], data: [-2.5, -1, -0.25, 0.5, 1.5, 3] };
const ints = { shape: [2, 3], type: 'int32' as const, data: [-7, -3, -1, 2, 5, 9] };
const bytes = { shape: [6], type: 'uint8' as const, data: [0, 1, 6, 77, 200, 255] };

describe('rectifiers', () => {
  agrees('a slope above one', 'LeakyRelu', { operands: [x], attributes: { alpha: float(1.5) } });
  agrees('a constant slope per column', 'PRelu', { operands: [x, { shape: [3], constant: [0.1, -0.5, 2] }] });
  agrees('a computed slope', 'PRelu', { operands: [x, { shape: [2, 1], data: [0.25, 0.75] }] });
  agrees('a negative threshold', 'ThresholdedRelu', { operands: [x], attributes: { alpha: float(-1.125) } });
  agrees('no threshold', 'ThresholdedRelu', { operands: [x], attributes: { alpha: float(0) } });
  agrees('its own slope', 'HardSigmoid', { operands: [x], attributes: { alpha: float(0.3), beta: float(0.4) } });
  agrees('defaults', 'HardSwish', { operands: [x] });
  agrees('soft', 'Shrink', { operands: [x], attributes: { bias: float(0.75), lambd: float(0.75) } });
  agrees('hard', 'Shrink', { operands: [x], attributes: { bias: float(0), lambd: float(0.75) } });
  agrees('another bias', 'Shrink', { operands: [x], attributes: { bias: float(0.25), lambd: float(1.25) } });
});

describe('bounds', () => {
  agrees('attributes of opset 6', 'Clip', { opset: 9, operands: [x], attributes: { min: float(-1.5), max: float(2) } });
  agrees('one attribute', 'Clip', { opset: 9, operands: [x], attributes: { max: float(1) } });
  agrees('no upper bound', 'Clip', { operands: [x, number(-0.5)] });
  agrees('no lower bound', 'Clip', { operands: [x, undefined, number(0.75)] });
  agrees('computed bounds', 'Clip', { operands: [x, { shape: [], data: [-1.25] }, { shape: [], data: [1] }] });
  agrees('a computed and a constant bound', 'Clip', { operands: [x, number(0), { shape: [], data: [1] }] });
  agrees('crossing bounds', 'Clip', { operands: [x, number(2), number(1)] });
  agrees('integers', 'Clip', {
    operands: [ints, { shape: [], type: 'int32', constant: [-2] }, { shape: [], type: 'int32', constant: [5] }],
  });
  agrees('three operands that broadcast', 'Max', {
    operands: [x, { shape: [3], constant: [-1, 0, 1] }, { shape: [2, 1], data: [0.25, -0.5] }],
  });
  agrees('one number', 'Max', { operands: [x, { shape: [1], constant: [-0.125] }] });
  agrees('three operands that broadcast', 'Min', {
    operands: [x, { shape: [3], constant: [-1, 0, 1] }, { shape: [2, 1], data: [0.25, -0.5] }],
  });
  agrees('a constant integer row', 'Min', { operands: [ints, { shape: [3], type: 'int32', constant: [-9, 0, 4] }] });
  agrees('the least int32, which has no opposite', 'Min', {
    operands: [{ ...ints, data: [-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3] }, { ...ints }],
  });
});

describe('reductions', () => {
  const cube = { shape: [2, 2, 3], data: [1, -2, 3, 0.5, 1.5, -0.75, 2, 0.25, -1, 1.25, -3, 0.125] };
  const reduce = ['ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'];
  for (const op of reduce) {
    agrees('axes as an attribute, negative', op, { opset: 11, operands: [cube], attributes: { axes: [-2, 0] } });
    agrees('axes as an operand, dropped', op, { opset: 18, operands: [cube, axes(1)], attributes: { keepdims: 0 } });
    agrees('all axes', op, { opset: 18, operands: [cube] });
  }
  for (const op of ['ReduceMax', 'ReduceMin', 'ReduceProd']) {
    agrees('no axis', op, { opset: 18, operands: [cube], attributes: { noop_with_empty_axes: 1 } });
    agrees('int32', op, { opset: 18, operands: [ints, axes(1)] });
  }
  agrees('int32', 'ReduceL1', { opset: 18, operands: [ints, axes(0)] });
  agrees('bytes', 'ReduceMin', { opset: 18, operands: [bytes, axes(0)] });
  refuses('integers', 'ReduceL2', { opset: 18, operands: [ints] }, /the norm of int32 is no integer/);
  refuses(
    'what is not defined the same everywhere',
    'ReduceL1',
    { opset: 18, operands: [cube], attributes: { noop_with_empty_axes: 1 } },
    /noop_with_empty_axes without axes/,
  );
});

describe('TopK', () => {
  const ties = { shape: [3, 4], data: [1, 3, 3, -1, 0.5, 0.5, 0.5, 2, -1, -2, -2, -1] };
  agrees('k as an attribute', 'TopK', { opset: 9, operands: [ties], attributes: { k: 2 }, outputs: 2 });
  agrees('k as an operand', 'TopK', { opset: 10, operands: [ties, axes(3)], outputs: 2 });
  agrees('the smallest of each column', 'TopK', {
    operands: [ties, axes(2)],
    attributes: { axis: 0, largest: 0 },
    outputs: 2,
  });
  agrees('integers', 'TopK', { operands: [ints, axes(2)], outputs: 2 });
  refuses('more than there are', 'TopK', { operands: [ties, axes(5)], outputs: 2 }, /k = 5 of 4 elements/);
});

describe('Where', () => {
  const condition = { shape: [2, 1], type: 'bool' as const, data: [1, 0] };
  const row = { shape: [3], constant: [0.5, -2, 4] };
  agrees('constants on both sides', 'Where', { operands: [condition, row, number(0.25)] });
  agrees('a constant on one side', 'Where', { operands: [condition, x, row] });
  agrees('bytes', 'Where', {
    operands: [
      condition,
      { shape: [3], type: 'uint8', constant: [1, 2, 3] },
      { shape: [3], type: 'uint8', constant: [255, 0, 9] },
    ],
  });
});

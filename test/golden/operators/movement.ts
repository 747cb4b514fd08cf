import { float, given, integers, type OperatorCase, real, weights, whole } from './case.ts';

const table = real([2, 3]);
const choice = whole('int64', [2], 0, 2);
const boxes = given('float32', [1, 4], [0, 0, 3, 3]);
const branch = (op: string) => ({
  graph: { nodes: [{ op, inputs: ['x1', 'x1'], outputs: ['t'] }], outputs: ['t'] },
});

/** Operators that move elements, choose some of them, or make constants. */
export const movement: readonly OperatorCase[] = [
  { op: 'AffineGrid', operands: [real([1, 2, 3]), integers(1, 1, 2, 2)], opset: 20 },
  { op: 'CenterCropPad', operands: [table, integers(3, 2)] },
  { op: 'Col2Im', operands: [real([1, 4, 4]), integers(3, 3), integers(2, 2)] },
  { op: 'Compress', operands: [table, given('bool', [2], [0, 1])], attributes: { axis: 0 } },
  { op: 'Concat', operands: [table, table], attributes: { axis: 0 } },
  { op: 'Constant', operands: [], attributes: { value_floats: { floats: [1, -2.5] } } },
  { op: 'ConstantOfShape', operands: [integers(2)] },
  { op: 'DepthToSpace', operands: [real([1, 4, 1, 2])], attributes: { blocksize: 2 } },
  { op: 'EyeLike', operands: [table] },
  { op: 'Flatten', operands: [table] },
  { op: 'Gather', operands: [table, choice], attributes: { axis: 1 } },
  { op: 'GatherElements', operands: [table, whole('int64', [2, 1], 0, 2)], attributes: { axis: 1 } },
  { op: 'GatherND', operands: [table, integers(1)] },
  { op: 'GridSample', operands: [real([1, 1, 3, 2]), given('float32', [1, 1, 2, 2], [-0.5, 0.5, 0.25, -1])] },
  {
    op: 'If',
    operands: [given('bool', [], [1]), real([3])],
    attributes: { then_branch: branch('Add'), else_branch: branch('Mul') },
  },
  {
    op: 'If',
    operands: [whole('bool', [], 0, 1), real([3])],
    attributes: { then_branch: branch('Add'), else_branch: branch('Mul') },
  },
  { op: 'NonZero', operands: [given('float32', [3], [1, 0, 2])] },
  { op: 'OneHot', operands: [choice, integers(3), given('float32', [2], [0, 1])] },
  { op: 'Pad', operands: [table, integers(0, 1, 0, 1)] },
  { op: 'Range', operands: [integers(1), integers(7), integers(2)].map((operand) => ({ ...operand, shape: [] })) },
  { op: 'Reshape', operands: [table, integers(3, 2)] },
  {
    op: 'Resize',
    operands: [real([1, 1, 2, 2]), undefined, given('float32', [4], [1, 1, 2, 2])],
    attributes: { mode: 'linear' },
  },
  { op: 'ReverseSequence', operands: [real([3, 2]), integers(2, 3)] },
  {
    op: 'RoiAlign',
    operands: [real([1, 1, 4, 4]), boxes, integers(0)],
    attributes: { output_height: 2, output_width: 2, sampling_ratio: 1 },
  },
  {
    op: 'Scatter',
    operands: [real([1, 3]), given('int64', [1, 1], [1]), real([1, 1])],
    attributes: { axis: 1 },
    opset: 10,
  },
  {
    op: 'ScatterElements',
    operands: [real([1, 3]), given('int64', [1, 1], [1]), real([1, 1])],
    attributes: { axis: 1 },
  },
  { op: 'ScatterND', operands: [table, given('int64', [1, 1], [1]), real([1, 3])] },
  { op: 'Shape', operands: [table] },
  { op: 'Size', operands: [table] },
  { op: 'Slice', operands: [table, integers(1), integers(3), integers(1)] },
  { op: 'SpaceToDepth', operands: [real([1, 1, 2, 4])], attributes: { blocksize: 2 } },
  { op: 'Split', operands: [table, integers(1, 2)], attributes: { axis: 1 }, outputs: ['y', 'z'] },
  { op: 'Squeeze', operands: [real([1, 3]), integers(0)] },
  { op: 'TensorScatter', operands: [real([1, 1, 2, 2]), real([1, 1, 1, 2]), integers(1)], opset: 24 },
  { op: 'Tile', operands: [table, integers(1, 2)] },
  { op: 'Transpose', operands: [table] },
  { op: 'Trilu', operands: [table] },
  { op: 'Unique', operands: [given('float32', [4], [2, 1, 1, 3])] },
  { op: 'Unsqueeze', operands: [table, integers(0)] },
  { op: 'Upsample', operands: [real([1, 1, 2, 2]), given('float32', [4], [1, 1, 2, 2])], opset: 9 },
  ...['BlackmanWindow', 'HammingWindow', 'HannWindow'].map((op) => ({ op, operands: [given('int64', [], [4])] })),
  {
    op: 'MelWeightMatrix',
    operands: [
      given('int64', [], [2]),
      given('int64', [], [8]),
      given('int64', [], [8000]),
      given('float32', [], [100]),
      given('float32', [], [3000]),
    ],
  },
  { op: 'ArgMax', operands: [real([2, 4])], attributes: { axis: 1 } },
  { op: 'ArgMin', operands: [real([2, 4])], attributes: { axis: 1, select_last_index: 1 } },
  { op: 'TopK', operands: [real([1, 4]), integers(2)], outputs: ['values', 'indices'] },
  ...['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((name) => ({
    op: `Reduce${name}`,
    operands: [real([2, 3], name === 'LogSum' ? 0.5 : -2, 2), integers(1)],
  })),
  { op: 'Gather', operands: [weights(4, 2), whole('int64', [1], 0, 3)] },
  { op: 'LeakyRelu', operands: [real([3])], attributes: { alpha: float(0.25) } },
];

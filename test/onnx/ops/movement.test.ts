import { describe, expect, test } from 'vitest';
import { takeRange } from '../../../src/onnx/ops/slice.ts';
import type { AttributeValue } from '../../fuzz/onnx-model.ts';
import { agrees, constant, integers, type OneNode, type Operand, refusal } from '../one-node.ts';

const x: Operand = { shape: [2, 3, 4] };

const check = (op: string, operands: OneNode['operands'], attributes: Record<string, AttributeValue> = {}, more = {}) =>
  agrees({ op, operands, attributes, ...more });

describe('Reshape', () => {
  test('copies a dimension for 0, infers −1 and keeps 0 where allowed', async () => {
    await check('Reshape', [x, integers(0, -1)]);
    await check('Reshape', [x, integers(-1)]);
    await check('Reshape', [{ shape: [0, 3] }, integers(3, 0)], { allowzero: 1 });
    await check('Reshape', [{ shape: [1] }, integers()]);
  });

  test('refuses a shape of another size', () => {
    expect(refusal({ op: 'Reshape', operands: [x, integers(5, -1)] })).toContain('[2,3,4] does not reshape to [5,-1]');
    expect(refusal({ op: 'Reshape', operands: [x, integers(2, 3, 4, 0)] })).toContain('to [2,3,4,0]');
  });

  test('names the input that holds a computed shape', () => {
    const shape: Operand = { shape: [1], data: [24], type: 'int64' };
    expect(refusal({ op: 'Reshape', operands: [x, shape] })).toContain('Fix the model input "x1" at compile time');
  });
});

test('Squeeze and Unsqueeze read axes as an attribute before opset 13', async () => {
  await check('Squeeze', [{ shape: [1, 3, 1] }], { axes: [0, -1] }, { opset: 11 });
  await check('Squeeze', [{ shape: [1, 3, 1] }]);
  await check('Unsqueeze', [x], { axes: [0, 2] }, { opset: 11 });
  await check('Unsqueeze', [x, integers(3, 0, -2)]);
  expect(refusal({ op: 'Squeeze', operands: [x, integers(1)] })).toContain('axis 1 of [2,3,4] is not 1');
});

test('Flatten takes every axis', async () => {
  for (const axis of [0, 1, 2, 3, -1, -3]) await check('Flatten', [x], { axis });
});

describe('Split', () => {
  test('in equal parts, by attribute, by operand, and with a smaller last part', async () => {
    await check('Split', [{ shape: [6, 2] }], {}, { opset: 11, outputs: 3 });
    await check('Split', [{ shape: [6, 2] }], { split: [1, 5], axis: -2 }, { opset: 11, outputs: 2 });
    await check('Split', [{ shape: [2, 7] }, integers(3, 0, 4)], { axis: 1 }, { outputs: 3 });
    await check('Split', [{ shape: [7] }], { num_outputs: 3 }, { outputs: 3 });
  });

  test('refuses parts that do not add up', () => {
    expect(refusal({ op: 'Split', operands: [{ shape: [7] }, integers(3, 3)], outputs: 2 })).toContain('[3,3]');
    expect(refusal({ op: 'Split', operands: [{ shape: [7] }], opset: 13, outputs: 2 })).toContain('do not split');
  });
});

describe('Slice', () => {
  const line: Operand = { shape: [5, 3] };
  const slices: number[][][] = [
    [[1], [Number.MAX_SAFE_INTEGER]],
    [[-2], [Number.MAX_SAFE_INTEGER], [-2]],
    [[4], [-(2 ** 63)], [0], [-1]],
    [[-1], [-6], [0], [-2]],
    [[3], [1]],
    [
      [1, 0],
      [9, -1],
      [0, 1],
      [3, 1],
    ],
    [[0], [5], [0], [2]],
    [[100], [-100], [0], [-3]],
  ];
  for (const parts of slices) {
    test(JSON.stringify(parts), async () => {
      await check('Slice', [line, ...parts.map((part) => integers(...part))]);
    });
  }

  test('takes the ends of int64, rounded as they are, for the ends of the axis', () => {
    expect(takeRange(5, 1, 2 ** 63, 1)).toEqual({ start: 1, count: 4 });
    expect(takeRange(5, 2 ** 63, -(2 ** 63), -1)).toEqual({ start: 4, count: 5 });
    expect(takeRange(0, 2 ** 63, -(2 ** 63), -1)).toEqual({ start: -1, count: 0 });
  });

  test('reads attributes before opset 10', async () => {
    await check('Slice', [line], { starts: [1, -2], ends: [4, 1000], axes: [0, 1] }, { opset: 9 });
  });

  test('refuses a step of 0 and an axis given twice', () => {
    const operands = [line, integers(0), integers(2), integers(0), integers(0)];
    expect(refusal({ op: 'Slice', operands })).toContain('step 0');
    const twice = [line, integers(0, 1), integers(2, 2), integers(0, -2)];
    expect(refusal({ op: 'Slice', operands: twice })).toContain('axes [0,0]');
  });
});

describe('Pad', () => {
  for (const mode of ['constant', 'edge', 'reflect', 'wrap']) {
    test(mode, async () => {
      await check('Pad', [x, integers(1, 2, 3, 0, 1, 2)], { mode });
      await check('Pad', [x, integers(2, 1), undefined, integers(-1)], { mode });
    });
  }

  test('crops where negative', async () => {
    await check('Pad', [x, integers(0, -1, 2, 1, -1, -2)]);
    await check('Pad', [x, integers(0, 0, -1, 0, 0, 2)], { mode: 'edge' });
  });

  test('fills with a constant or a computed number', async () => {
    const pads = integers(0, 1, 0, 1, 0, 2);
    await check('Pad', [x, pads, constant([], [0.75])]);
    await check('Pad', [x, pads, { shape: [], data: [0.75] }]);
    await check('Pad', [x], { pads: [0, 1, 0, 1, 0, 2], value: { float: 1.5 } }, { opset: 10 });
  });

  test('refuses other modes and pads that remove too much', () => {
    expect(refusal({ op: 'Pad', operands: [x, integers(0, 0, 0, 0, 0, 1)], attributes: { mode: 'mirror' } })).toContain(
      'mode "mirror" is not supported',
    );
    expect(refusal({ op: 'Pad', operands: [x, integers(-2, 0, 0, -1, 0, 0)] })).toContain('remove more than');
  });
});

test('Expand broadcasts both ways and Tile repeats', async () => {
  await check('Expand', [{ shape: [3, 1] }, integers(2, 1, 4)]);
  await check('Tile', [x, integers(2, 1, 3)]);
  await check('Tile', [x, integers(1, 0, 1)]);
});

test('DepthToSpace in both modes', async () => {
  for (const mode of ['DCR', 'CRD']) await check('DepthToSpace', [{ shape: [2, 8, 2, 3] }], { blocksize: 2, mode });
  await check('SpaceToDepth', [{ shape: [2, 3, 4, 6] }], { blocksize: 2 });
});

test('Trilu and EyeLike on every side of the matrix', async () => {
  for (const k of [-9, -1, 0, 2, 9]) {
    for (const upper of [0, 1]) await check('Trilu', [x, { ...integers(k), shape: [] }], { upper });
    await check('EyeLike', [{ shape: [3, 4] }], { k });
  }
});

test('ReverseSequence with time on either axis', async () => {
  const data: Operand = { shape: [4, 3, 2] };
  await check('ReverseSequence', [data, integers(1, 4, 0)], { time_axis: 0, batch_axis: 1 });
  await check('ReverseSequence', [data, integers(3, 1, 2, 3)], { time_axis: 1, batch_axis: 0 });
});

test('Compress along an axis and flattened', async () => {
  const keep = (...data: number[]): Operand => ({ shape: [data.length], data, type: 'bool', constant: true });
  await check('Compress', [x, keep(0, 1, 1)], { axis: 1 });
  await check('Compress', [x, keep(0, 1, 1, 0, 1)]);
});

test('generators of constants', async () => {
  await check(
    'Range',
    [1, 10, 3].map((v) => ({ ...integers(v), shape: [] })),
  );
  await check(
    'Range',
    [10, 1, -4].map((v) => ({ ...integers(v), shape: [] })),
  );
  await check('ConstantOfShape', [integers(2, 3)]);
  await check('NonZero', [constant([2, 3], [0, 1, 0, 2, 0, 3])]);
  await check('Unique', [constant([2, 3, 1], [2, 1, 2, 5, 4, 5])], { axis: 1, sorted: 0 }, { outputs: 4 });
  await check('Shape', [x], { start: -2 });
  await check('Constant', [], { value_floats: { floats: [1, 2.5] } });
  await check('Constant', [], { value_int: 7 });
});

test('a constant of integers that are not exact is refused', () => {
  const value = { tensor: { name: 'v', shape: [1], data: [2 ** 60], type: 'int64' as const } };
  expect(refusal({ op: 'Constant', operands: [], attributes: { value } })).toContain('beyond ±2^53');
});

test('Dropout is the identity with a mask of ones, and refused in training', async () => {
  await check('Dropout', [x], {}, { outputs: 2 });
  const training: Operand = { shape: [], data: [1], type: 'bool', constant: true };
  expect(refusal({ op: 'Dropout', operands: [x, constant([], [0.5]), training] })).toContain('exported for training');
});

describe('a small file that claims much', () => {
  const scalar = (value: number): Operand => ({ ...integers(value), shape: [] });
  const claims: OneNode[] = [
    { op: 'ConstantOfShape', operands: [integers(1e12)] },
    { op: 'Range', operands: [scalar(0), scalar(1e15), scalar(1)] },
    { op: 'OneHot', operands: [{ ...integers(), constant: true }, scalar(1e15), constant([2], [0, 1])] },
    { op: 'Pad', operands: [{ shape: [2] }, integers(0, 1e12)] },
    { op: 'Tile', operands: [{ shape: [2] }, integers(1e12)] },
    { op: 'Expand', operands: [{ shape: [1] }, integers(1e6, 1e6)] },
  ];
  for (const claim of claims) {
    test(claim.op, () => {
      expect(refusal(claim)).toContain('the limit is');
    });
  }

  test('is refused for more axes than any tensor has', () => {
    const shape = integers(...new Array<number>(200).fill(1));
    expect(refusal({ op: 'Reshape', operands: [{ shape: [1] }, shape] })).toContain('has 200 numbers');
  });

  test('is refused for scalars where there must be an axis', () => {
    const scalars = [{ shape: [] }, { shape: [] }];
    expect(refusal({ op: 'Concat', operands: scalars, attributes: { axis: 0 } })).toContain('scalars do not join');
    expect(refusal({ op: 'Split', operands: [{ shape: [] }], outputs: 2 })).toContain('a scalar does not split');
  });
});

test('operators that cannot be proved say what to do', () => {
  const operands = [x, x];
  expect(refusal({ op: 'NonMaxSuppression', operands })).toContain('suppress overlaps after the proof');
  expect(refusal({ op: 'SequenceConstruct', operands })).toContain('stack or concatenate');
  expect(refusal({ op: 'Loop', operands })).toContain('Unroll it');
});

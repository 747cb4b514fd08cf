import { describe, expect, test } from 'vitest';
import type { AttributeValue } from '../../fuzz/onnx-model.ts';
import { agrees, constant, integers, noise, type OneNode, type Operand, refusal } from '../one-node.ts';

const check = (op: string, operands: OneNode['operands'], attributes: Record<string, AttributeValue> = {}, more = {}) =>
  agrees({ op, operands, attributes, ...more });

/** Data and indices, each computed or constant. */
const combinations = (data: Operand, index: Operand): Operand[][] =>
  [true, false].flatMap((fixedData) =>
    [true, false].map((fixedIndex) => [
      { ...data, constant: fixedData },
      { ...index, type: index.type ?? 'int64', constant: fixedIndex },
    ]),
  );

describe('Gather', () => {
  test('slices, computed or not, along each axis', async () => {
    for (const axis of [0, 1, -1]) {
      const index: Operand = { shape: [2, 2], data: [0, -1, 1, -2] };
      for (const operands of combinations({ shape: [2, 3, 4] }, index)) await check('Gather', operands, { axis });
    }
  });

  test('one number from a table', async () => {
    for (const data of [noise(5, 3), [1, 3, 5, 7, 9], [4, 4, 4, 4, 4]]) {
      const index: Operand = { shape: [], data: [-2], type: 'int32' };
      for (const operands of combinations({ shape: [5], data }, index)) await check('Gather', operands);
    }
  });

  test('of integers and booleans', async () => {
    const index: Operand = { shape: [3], data: [2, 0, -3] };
    const bytes: Operand = { shape: [3, 2], data: [1, 200, 3, 4, 255, 6], type: 'uint8' };
    for (const operands of combinations(bytes, index)) await check('Gather', operands);
    const truths: Operand = { shape: [3], data: [1, 0, 1], type: 'bool' };
    for (const operands of combinations(truths, index)) await check('Gather', operands);
  });

  test('refuses an index outside and an infinite table', () => {
    expect(refusal({ op: 'Gather', operands: [{ shape: [3] }, integers(3)] })).toContain('index 3 is outside');
    const table = constant([2, 2], [0, 1, Number.NEGATIVE_INFINITY, 2]);
    const operands = [table, { ...integers(0), constant: false }];
    expect(refusal({ op: 'Gather', operands })).toContain('picks from a table that is not finite');
  });
});

test('GatherElements along each axis', async () => {
  const index: Operand = { shape: [2, 2], data: [0, -1, 1, 1] };
  for (const axis of [0, 1]) {
    for (const operands of combinations({ shape: [3, 4] }, index)) await check('GatherElements', operands, { axis });
  }
});

describe('GatherND', () => {
  test('tuples of each depth', async () => {
    const tuples: Operand[] = [
      { shape: [2, 1], data: [1, -2] },
      { shape: [2, 2], data: [1, 2, -1, 0] },
      { shape: [2, 3], data: [0, 0, 0, 1, 2, -1] },
    ];
    for (const index of tuples) {
      for (const operands of combinations({ shape: [2, 3, 4] }, index)) await check('GatherND', operands);
    }
  });

  test('with batch dimensions', async () => {
    await check('GatherND', [{ shape: [2, 3, 4] }, { ...integers(1, -1), shape: [2, 1] }], { batch_dims: 1 });
    const index: Operand = { shape: [2, 2, 1], data: [1, -1, 0, 2], type: 'int64' };
    const operands = [{ shape: [2, 2, 4] }, { ...index, constant: true }];
    await check('GatherND', operands, { batch_dims: 2 });
    const computed = { op: 'GatherND', operands: [{ shape: [2, 2, 4] }, index], attributes: { batch_dims: 1 } };
    expect(refusal(computed)).toContain('computed at run time');
  });
});

describe('OneHot', () => {
  const depth: Operand = { ...integers(4), shape: [] };
  test('indices on and off the scale, computed or not, on each axis', async () => {
    const index: Operand = { shape: [2, 3], data: [0, 3, -1, -4, 7, -9] };
    for (const axis of [0, 1, -1]) {
      for (const values of [constant([2], [0.5, 2]), { shape: [2], data: [0.5, 2] }]) {
        for (const [, indices] of combinations(index, index)) await check('OneHot', [indices, depth, values], { axis });
      }
    }
  });

  test('indices of a real type', async () => {
    await check('OneHot', [{ shape: [3], data: [1, 3, -2] }, constant([], [4]), constant([2], [0, 1])]);
  });
});

describe('Scatter', () => {
  const reductions = ['none', 'add', 'mul', 'max', 'min'];
  for (const reduction of reductions) {
    test(`elements, ${reduction}`, async () => {
      const data = reduction === 'none' ? [0, 2, 1, -1, -3, 0] : [0, 2, 0, -1, -3, 0];
      const index: Operand = { shape: [2, 3], data, type: 'int64', constant: true };
      await check('ScatterElements', [{ shape: [3, 3] }, index, { shape: [2, 3] }], { axis: 0, reduction });
      await check('ScatterElements', [constant([3, 3]), index, { shape: [2, 3] }], { axis: 0, reduction });
      await check('ScatterElements', [{ shape: [3, 3] }, index, constant([2, 3])], { axis: 0, reduction });
    });

    test(`slices, ${reduction}`, async () => {
      const data = reduction === 'none' ? [2, -3] : [2, -1];
      const index: Operand = { shape: [2, 1], data, type: 'int64', constant: true };
      await check('ScatterND', [{ shape: [3, 2] }, index, { shape: [2, 2] }], { reduction });
    });
  }

  test('the least of bytes', async () => {
    const data: Operand = { shape: [3], data: [0, 200, 255], type: 'uint8' };
    const updates: Operand = { shape: [3], data: [3, 100, 201], type: 'uint8' };
    await check('ScatterElements', [data, integers(0, 1, 1), updates], { reduction: 'min' });
    await check('ScatterElements', [data, integers(0, 1, 1), updates], { reduction: 'max' });
  });

  test('refuses computed indices and other reductions', () => {
    const operands = [{ shape: [3] }, integers(0), { shape: [1] }];
    const computed = operands.map((operand) => ({ ...operand, constant: false }));
    expect(refusal({ op: 'ScatterElements', operands: computed })).toContain('indices (operand 1) is computed');
    expect(refusal({ op: 'ScatterElements', operands, attributes: { reduction: 'mean' } })).toContain('"mean"');
  });
});

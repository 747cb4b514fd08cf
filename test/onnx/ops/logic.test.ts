import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { inputGrids, observe } from '../../../src/quant/calibrate.ts';
import { quantise } from '../../../src/quant/quantise.ts';
import type { Sample } from '../../../src/quant/sample.ts';
import { type AttributeValue, encodeModel, type TestModel, type TestType } from '../../fuzz/onnx-model.ts';
import { agrees, constant, type OneNode, type Operand, refusal } from '../one-node.ts';

const check = (op: string, operands: OneNode['operands'], attributes: Record<string, AttributeValue> = {}, more = {}) =>
  agrees({ op, operands, attributes, ...more });

/** Both computed, then either one constant. */
const eitherSide = (left: Operand, right: Operand): Operand[][] => [
  [left, right],
  [{ ...left, constant: true }, right],
  [left, { ...right, constant: true }],
];

const truths = (shape: number[], ...data: number[]): Operand => ({ shape, data, type: 'bool' });

for (const op of ['And', 'Or', 'Xor', 'Equal']) {
  test(`${op} of every pair of truths`, async () => {
    const [left, right] = [truths([2, 1], 0, 1), truths([2], 0, 1)];
    for (const operands of eitherSide(left, right)) await check(op, operands);
  });
}

test('Not', async () => {
  await check('Not', [truths([2], 0, 1)]);
});

for (const op of ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']) {
  test(`${op} of reals and integers`, async () => {
    for (const type of ['float32', 'int32', 'int64'] satisfies TestType[]) {
      const left: Operand = { shape: [3, 1], data: [-2, 0, 1], type };
      const right: Operand = { shape: [3], data: [0, 1, -2], type };
      for (const operands of eitherSide(left, right)) await check(op, operands);
    }
  });
}

describe('Where', () => {
  const condition = truths([2, 1], 1, 0);
  test('any of its operands constant', async () => {
    for (let fixed = 0; fixed < 8; fixed++) {
      const operands = [condition, { shape: [2, 3] }, { shape: [3], data: [3, 4, -5] }];
      await check(
        'Where',
        operands.map((operand, i) => ({ ...operand, constant: (fixed >> i) % 2 === 1 })),
      );
    }
  });
});

describe('ArgMax and ArgMin', () => {
  const data = [1, 3, 3, -2, -2, 0, 5, 5, 5, 0, -1, 0];
  for (const op of ['ArgMax', 'ArgMin']) {
    test(`${op} with ties, on each axis`, async () => {
      for (const axis of [0, 1, -1]) {
        for (const select_last_index of [0, 1]) {
          await check(op, [{ shape: [2, 2, 3], data }], { axis, keepdims: select_last_index, select_last_index });
        }
      }
    });

    test(`${op} of the extremes of a type`, async () => {
      await check(op, [{ shape: [4], data: [0, 255, 7, 0], type: 'uint8' }]);
      await check(op, [{ shape: [4], data: [-128, 127, -128, 127], type: 'int8' }]);
    });
  }

  test('Hardmax by axis, and of all axes from the given one on before opset 13', async () => {
    for (const axis of [0, 1, 2]) {
      await check('Hardmax', [{ shape: [2, 2, 3], data }], { axis });
      await check('Hardmax', [{ shape: [2, 2, 3], data }], { axis }, { opset: 11 });
    }
  });
});

test('IsNaN and IsInf of finite numbers', async () => {
  await check('IsNaN', [{ shape: [3] }]);
  await check('IsInf', [{ shape: [3] }]);
  await check('IsInf', [constant([3], [Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY])], {
    detect_positive: 0,
  });
});

test('a guard against NaN costs nothing and keeps the bounds', () => {
  const model: TestModel = {
    inputs: [{ name: 'x', shape: [3] }],
    initializers: [{ name: 'zero', shape: [], data: [0] }],
    outputs: ['y'],
    nodes: [
      { op: 'IsNaN', inputs: ['x'], outputs: ['bad'] },
      { op: 'Where', inputs: ['bad', 'zero', 'x'], outputs: ['y'] },
    ],
  };
  const { graph } = importModel(decodeModel(encodeModel(model)));
  const sample: Sample = new Map([['x', Float64Array.of(-1, 0.5, 2)]]);
  const quantised = quantise(graph, {
    precision: { activationBits: 12, weightBits: 10, inputBits: 12, nodes: new Map() },
    policy: { name: 'worst-case' },
    observed: observe(graph, [sample]),
    grids: inputGrids(graph, [sample], 12),
  });
  expect(quantised.graph.nodes.filter(({ kind }) => kind === 'compare' || kind === 'select')).toEqual([]);
  expect(Math.max(...quantised.outputErrors[0])).toBeLessThan(0.0051);
});

describe('Cast', () => {
  const code = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float8e4m3fn: 17 } as const;
  const reals: Operand = { shape: [6], data: [-2.75, -0.5, 0, 0.5, 1.25, 100] };

  test('reals to integers and booleans, toward zero', async () => {
    for (const to of [code.int8, code.int32, code.int64, code.bool]) await check('Cast', [reals], { to });
  });

  test('integers to anything', async () => {
    const integers: Operand = { shape: [5], data: [-300, -1, 0, 1, 300], type: 'int32' };
    for (const to of [code.float32, code.int8, code.uint8, code.int64, code.bool])
      await check('Cast', [integers], { to });
    await check('Cast', [truths([2], 0, 1)], { to: code.float32 });
    await check('Cast', [truths([2], 0, 1)], { to: code.int8 });
  });

  test('to the type of another tensor', async () => {
    await check('CastLike', [reals, { shape: [1], type: 'int32' }]);
  });

  test('refuses what a circuit cannot hold', () => {
    const to8 = { op: 'Cast', operands: [reals], attributes: { to: code.float8e4m3fn } };
    expect(refusal(to8)).toContain('cast to float8e4m3fn');
    const infinite = [constant([1], [Number.POSITIVE_INFINITY])];
    expect(refusal({ op: 'Cast', operands: infinite, attributes: { to: code.int32 } })).toContain('not finite');
    expect(refusal({ op: 'Cast', operands: [reals], attributes: { to: 8 } })).toContain('string');
  });
});

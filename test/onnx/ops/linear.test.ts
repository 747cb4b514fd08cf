import { describe, expect, test } from 'vitest';
import type { AttributeValue } from '../../fuzz/onnx-model.ts';
import { agrees, constant, integers, noise, type Operand, refusal } from '../one-node.ts';

/** Both operands computed, then either one constant. */
const eitherSide = (left: Operand, right: Operand): Operand[][] => [
  [left, right],
  [{ ...left, constant: true }, right],
  [left, { ...right, constant: true }],
];

describe('MatMul', () => {
  const shapes = [
    [[4], [4]],
    [[4], [2, 4, 3]],
    [[2, 3, 4], [4]],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [1, 3, 4],
      [2, 4, 2],
    ],
    [
      [2, 0, 4],
      [4, 3],
    ],
  ];
  for (const [left, right] of shapes) {
    test(`[${left}] × [${right}]`, async () => {
      for (const operands of eitherSide({ shape: left }, { shape: right })) await agrees({ op: 'MatMul', operands });
    });
  }

  test('says which shapes do not multiply', () => {
    const operands = [{ shape: [2, 3] }, { shape: [4, 2] }];
    expect(refusal({ op: 'MatMul', operands })).toContain('shapes [2,3] and [4,2] do not multiply');
  });
});

test('Gemm scales, transposes and adds every form of C', async () => {
  const forms: (Operand | undefined)[] = [
    undefined,
    constant([1]),
    constant([5]),
    { shape: [3, 1] },
    { shape: [3, 5] },
  ];
  for (const [i, addend] of forms.entries()) {
    const [transA, transB] = [i % 2, Math.floor(i / 2) % 2];
    const left = { shape: transA === 1 ? [4, 3] : [3, 4] };
    const right = { shape: transB === 1 ? [5, 4] : [4, 5] };
    const attributes = { transA, transB, alpha: { float: 0.5 }, beta: { float: 2 } };
    for (const pair of eitherSide(left, right)) await agrees({ op: 'Gemm', operands: [...pair, addend], attributes });
  }
});

describe('Einsum', () => {
  const equations: readonly (readonly [equation: string, ...shapes: number[][]])[] = [
    ['bij,bjk->bik', [2, 3, 4], [2, 4, 2]],
    ['ij,kj->ki', [3, 4], [2, 4]],
    ['bhqd,bhkd->bhqk', [1, 2, 3, 4], [1, 2, 2, 4]],
    ['...ij,...jk->...ik', [2, 3, 4], [2, 4, 2]],
    ['ij,jk', [2, 3], [3, 2]],
    ['i,j->ij', [3], [2]],
    ['bn,anm,bm->ba', [2, 3], [4, 3, 2], [2, 2]],
    ['ij,jk,kl->il', [2, 3], [3, 4], [4, 2]],
    ['ij,ij->', [2, 3], [2, 3]],
    [' b i , i -> b ', [2, 3], [3]],
    ['ij,j->i', [3, 4], [1]],
  ];
  for (const [equation, ...shapes] of equations) {
    test(equation, async () => {
      const operands = shapes.map((shape) => ({ shape }));
      const attributes = { equation };
      await agrees({ op: 'Einsum', operands, attributes, opset: 12 });
      for (const i of operands.keys()) {
        const fixed = operands.map((operand, j) => ({ ...operand, constant: i === j }));
        await agrees({ op: 'Einsum', operands: fixed, attributes, opset: 12 });
      }
    });
  }

  for (const equation of ['ii->i', 'ii', 'ij->ji', 'ij->', '...i->...']) {
    test(`${equation} of one operand`, () =>
      agrees({ op: 'Einsum', operands: [{ shape: [3, 3] }], attributes: { equation }, opset: 12 }));
  }

  test('refuses an equation that does not fit', () => {
    for (const equation of ['ij,jk->ik', 'ij->ik', 'i->i', 'ij->ii', 'i?->i']) {
      const node = { op: 'Einsum', operands: [{ shape: [2, 3] }], attributes: { equation } };
      expect(refusal(node), equation).toContain(`the equation "${equation}" does not fit its operands`);
    }
  });
});

describe('arithmetic', () => {
  test('broadcasts both ways and folds constants on either side', async () => {
    const away = noise(3, 5).map((v) => Math.abs(v) + 1);
    for (const op of ['Add', 'Sub', 'Mul', 'Div']) {
      for (const operands of eitherSide({ shape: [2, 1, 3] }, { shape: [4, 1], data: [1, 2, 3, 4] })) {
        await agrees({ op, operands });
      }
      await agrees({ op, operands: [{ shape: [2, 3] }, constant([3], away)] });
    }
  });

  test('divides integers toward zero', async () => {
    const data = [7, -7, 9, -9, 0, 100];
    for (const divisor of [2, -3, 5]) {
      const by = { shape: [1], data: [divisor], type: 'int32' as const, constant: true };
      await agrees({ op: 'Div', operands: [{ shape: [6], data, type: 'int32' }, by] });
    }
  });

  test('sums and means of any number of operands', async () => {
    for (const op of ['Sum', 'Mean']) {
      await agrees({ op, operands: [{ shape: [2, 3] }, constant([3]), { shape: [2, 1] }] });
      await agrees({ op, operands: [{ shape: [2, 3] }] });
    }
  });
});

describe('reductions', () => {
  const x = { shape: [2, 3, 4] };
  const forms: readonly (readonly [axes: number[] | undefined, Record<string, AttributeValue>])[] = [
    [[1], {}],
    [[-1, 0], { keepdims: 0 }],
    [[], {}],
    [[], { noop_with_empty_axes: 1 }],
    [undefined, { keepdims: 0 }],
  ];
  for (const [axes, attributes] of forms) {
    test(`axes ${axes} ${JSON.stringify(attributes)}`, async () => {
      for (const op of ['ReduceSum', 'ReduceMean']) {
        const operands = axes === undefined ? [x] : [x, integers(...axes)];
        await agrees({ op, operands, attributes, opset: 18 });
        if ('noop_with_empty_axes' in attributes) continue;
        const older = axes === undefined || axes.length === 0 ? attributes : { ...attributes, axes };
        await agrees({ op, operands: [x], attributes: older, opset: 11 });
      }
    });
  }

  test('integers are exact whatever the size of the weights', async () => {
    const cumulative = { shape: [3], data: [700001, -3, 12], type: 'int64' as const };
    const weights = { shape: [3, 2], data: [1, 300007, -400009, 2, 3, 900001], type: 'int64' as const, constant: true };
    await agrees({ op: 'MatMul', operands: [cumulative, weights] });
  });

  test('an integer mean is truncated', () =>
    agrees({ op: 'ReduceMean', operands: [{ shape: [2, 2], data: [-3, -4, 3, 4], type: 'int32' }, integers(1)] }));

  test('CumSum runs both ways', async () => {
    for (const [exclusive, reverse] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      const axis = { shape: [], data: [-2], type: 'int64' as const, constant: true };
      await agrees({ op: 'CumSum', operands: [x, axis], attributes: { exclusive, reverse } });
    }
  });
});

describe('BatchNormalization', () => {
  const statistics = (constantOnes: boolean): Operand[] =>
    [noise(3, 1), noise(3, 2), noise(3, 3), [0.5, 1, 2]].map((data) => ({ shape: [3], data, constant: constantOnes }));

  test('in every opset, with constant and computed statistics', async () => {
    for (const opset of [7, 9, 14, 15]) {
      await agrees({ op: 'BatchNormalization', operands: [{ shape: [2, 3, 2, 2] }, ...statistics(true)], opset });
    }
    await agrees({ op: 'BatchNormalization', operands: [{ shape: [2, 3] }, ...statistics(false)] });
  });

  test('is refused in training mode', () => {
    const node = { op: 'BatchNormalization', operands: [{ shape: [2, 3, 2] }, ...statistics(true)] };
    const training = 'Export the model in evaluation mode';
    expect(refusal({ ...node, attributes: { training_mode: 1 }, outputs: 3 })).toContain(training);
    expect(refusal({ ...node, opset: 9, outputs: 3 })).toContain(training);
  });
});

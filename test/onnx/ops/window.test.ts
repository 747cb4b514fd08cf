import { describe, expect, test } from 'vitest';
import type { AttributeValue } from '../../fuzz/onnx-model.ts';
import { fc } from '../../property.ts';
import { agrees, constant, type OneNode, type Operand, refusal } from '../one-node.ts';

const padding = fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID');

/** Attributes of a window over `rank` axes that onnxruntime and the standard read alike. */
const windows = (rank: number) =>
  fc
    .record({
      kernel: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
      strides: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
      dilations: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: rank, maxLength: rank }),
      pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2 * rank, maxLength: 2 * rank }),
      autoPad: padding,
    })
    .map(({ kernel, strides, dilations, pads, autoPad }) => {
      const same = autoPad.startsWith('SAME');
      const attributes: Record<string, AttributeValue> = {
        strides: strides.map((stride, axis) => (same ? Math.min(stride, kernel[axis]) : stride)),
        dilations: same ? dilations.map(() => 1) : dilations,
      };
      if (autoPad === 'NOTSET') attributes.pads = pads.map((pad, i) => Math.min(pad, kernel[i % rank] - 1));
      else attributes.auto_pad = autoPad;
      return { kernel, attributes };
    });

const convolutions = fc
  .record({
    rank: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    inner: fc.integer({ min: 1, max: 2 }),
    outs: fc.integer({ min: 1, max: 2 }),
    bias: fc.boolean(),
    known: fc.constantFrom<'weights' | 'input' | 'nothing'>('weights', 'weights', 'input', 'nothing'),
  })
  .chain((shape) => windows(shape.rank).map((window) => ({ ...shape, ...window })));

describe('windows over random shapes and attributes agree with onnxruntime', () => {
  test('Conv', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ rank, batch, groups, inner, outs, bias, known, kernel, attributes }) => {
        const spatial = [6, 7, 5].slice(0, rank);
        const operands: Operand[] = [
          { shape: [batch, groups * inner, ...spatial], constant: known === 'input' },
          { shape: [groups * outs, inner, ...kernel], constant: known === 'weights' },
        ];
        if (bias) operands.push({ shape: [groups * outs], constant: known !== 'nothing' });
        await agrees({ op: 'Conv', operands, attributes: { ...attributes, group: groups } });
      }),
      { numRuns: 40 },
    );
  });

  test('ConvTranspose', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ rank, batch, groups, inner, outs, known, kernel, attributes }) => {
        const operands: Operand[] = [
          { shape: [batch, groups * inner, ...[4, 5, 3].slice(0, rank)] },
          { shape: [groups * inner, outs, ...kernel], constant: known !== 'nothing' },
          constant([groups * outs]),
        ];
        await agrees({ op: 'ConvTranspose', operands, attributes: { ...attributes, group: groups } });
      }),
      { numRuns: 40 },
    );
  });

  test('AveragePool, MaxPool and LpPool', async () => {
    const pools = fc.record({ rank: fc.integer({ min: 1, max: 3 }), ceil: fc.boolean(), flag: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        pools.chain((pool) => windows(pool.rank).map((window) => ({ ...pool, ...window }))),
        async ({ rank, ceil, flag, kernel, attributes }) => {
          const operands = [{ shape: [2, 2, ...[6, 7, 5].slice(0, rank)] }];
          const shared = { ...attributes, kernel_shape: kernel, ceil_mode: Number(ceil && 'pads' in attributes) };
          await agrees({ op: 'AveragePool', operands, attributes: { ...shared, count_include_pad: Number(flag) } });
          await agrees({ op: 'MaxPool', operands, attributes: shared });
          const indices = { ...shared, storage_order: Number(flag) };
          await agrees({ op: 'MaxPool', operands: [distinct(operands[0])], attributes: indices, outputs: 2 });
          if (!('auto_pad' in shared)) {
            await agrees({ op: 'LpPool', operands, attributes: { ...shared, p: flag ? 1 : 2 }, opset: 18 });
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('LpPool and GlobalLpPool of other norms', async () => {
  for (const p of [1, 2, 3, 4, 6]) {
    await agrees({
      op: 'LpPool',
      operands: [{ shape: [1, 2, 6, 5] }],
      attributes: { kernel_shape: [3, 2], p },
      opset: 18,
    });
    await agrees({ op: 'GlobalLpPool', operands: [{ shape: [2, 2, 3, 3] }], attributes: { p } });
  }
});

/** Distinct integers, so that rounding cannot move a maximum. */
const distinct = ({ shape }: Operand): Operand => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: Array.from({ length: size }, (_, i) => (i * 37) % 1009) };
};

describe('what a standard and a runtime read differently is refused', () => {
  const image = { shape: [1, 1, 7, 7] };
  const cases: readonly (readonly [OneNode, string])[] = [
    [
      {
        op: 'MaxPool',
        operands: [{ shape: [1, 1, 6, 6] }],
        attributes: { kernel_shape: [1, 1], strides: [3, 3], auto_pad: 'SAME_UPPER' },
      },
      'Use explicit pads.',
    ],
    [
      {
        op: 'MaxPool',
        operands: [image],
        attributes: { kernel_shape: [2, 2], dilations: [2, 2], auto_pad: 'SAME_UPPER' },
      },
      'auto_pad SAME_UPPER with dilations has no agreed meaning',
    ],
    [
      { op: 'AveragePool', operands: [image], attributes: { kernel_shape: [9, 9] } },
      'a window of 9 does not fit the padded size 7 of spatial axis 0',
    ],
    [{ op: 'Conv', operands: [image, constant([1, 2, 3, 3])] }, 'weights [1,2,3,3] in 1 groups do not fit 1 channels'],
    [
      { op: 'Conv', operands: [image, constant([1, 1, 3, 3])], attributes: { strides: [0, 1] } },
      'attribute "strides" is [0,1]; expected 2 numbers of at least 1',
    ],
    [{ op: 'LpPool', operands: [image], attributes: { kernel_shape: [2, 2], p: 9 } }, 'Use p from 1 to 8.'],
  ];
  for (const [node, message] of cases) {
    test(`${node.op} ${JSON.stringify(node.attributes ?? {})}`, () => expect(refusal(node)).toContain(message));
  }
});

import { describe, expect, test } from 'vitest';
import { agrees, constant, folded, integers, noise, refusal } from '../one-node.ts';

const flags = [0, 1];
const scalar = (value: number) => ({ shape: [], data: [value], type: 'int64' as const, constant: true });

describe('GridSample', () => {
  for (const mode of ['nearest', 'linear', 'cubic']) {
    for (const padding_mode of ['zeros', 'border', 'reflection']) {
      test(`${mode} ${padding_mode}`, async () => {
        const grid = constant(
          [2, 3, 4, 2],
          noise(48, 9).map((v) => v * 0.8),
        );
        for (const align_corners of flags) {
          const attributes = { mode, padding_mode, align_corners };
          await agrees({ op: 'GridSample', operands: [{ shape: [2, 2, 4, 5] }, grid], attributes, opset: 20 });
        }
      });
    }
  }

  test('in three dimensions', async () => {
    const grid = constant([1, 2, 3, 2, 3], noise(36, 4));
    for (const mode of ['nearest', 'linear']) {
      const operands = [{ shape: [1, 2, 3, 4, 2] }, grid];
      await agrees({ op: 'GridSample', operands, attributes: { mode, padding_mode: 'border' }, opset: 20 });
    }
  });

  test('needs a constant grid', () => {
    const operands = [{ shape: [1, 1, 3, 3] }, { shape: [1, 2, 2, 2] }];
    expect(refusal({ op: 'GridSample', operands })).toContain('the grid (operand 1) is computed at run time');
  });
});

test('AffineGrid from computed and constant theta', async () => {
  for (const align_corners of flags) {
    const attributes = { align_corners };
    const operands = [{ shape: [2, 2, 3] }, integers(2, 1, 3, 4)];
    await agrees({ op: 'AffineGrid', operands, attributes, opset: 20 });
    const solid = [constant([1, 3, 4]), integers(1, 1, 2, 3, 4)];
    await agrees({ op: 'AffineGrid', operands: solid, attributes, opset: 20 });
  }
});

test('RoiAlign averages and maximises bins', async () => {
  const rois = constant([3, 4], [0, 0, 4.5, 5.25, 1.5, 2, 3, 3.5, -2, 0, 9, 4]);
  for (const mode of ['avg', 'max']) {
    for (const sampling_ratio of [0, 2]) {
      for (const coordinate_transformation_mode of ['half_pixel', 'output_half_pixel']) {
        const size = { output_height: 2, output_width: 3, spatial_scale: { float: 0.75 } };
        const attributes = { ...size, mode, sampling_ratio, coordinate_transformation_mode };
        await agrees({
          op: 'RoiAlign',
          operands: [{ shape: [2, 2, 6, 5] }, rois, integers(0, 1, 1)],
          attributes,
          opset: 16,
        });
      }
    }
  }
});

describe('Fourier transforms', () => {
  for (const parts of [1, 2]) {
    for (const inverse of flags) {
      test(`DFT of ${parts} parts, inverse ${inverse}`, async () => {
        const operands = [{ shape: [1, 5, 4, parts] }, undefined, scalar(1)];
        await agrees({ op: 'DFT', operands, attributes: { inverse }, opset: 20 });
        const padded = [{ shape: [1, 5, 4, parts] }, scalar(7), scalar(-2)];
        await agrees({ op: 'DFT', operands: padded, attributes: { inverse }, opset: 20 });
        const cut = [{ shape: [1, 5, 4, parts] }, scalar(3)];
        await agrees({ op: 'DFT', operands: cut, attributes: { inverse, axis: 1 }, opset: 17 });
      });
    }
  }

  test('one-sided DFT of a real signal', () =>
    agrees({ op: 'DFT', operands: [{ shape: [2, 6, 1] }], attributes: { onesided: 1 }, opset: 17 }));

  test('STFT with a constant window, a computed one and none', async () => {
    const signal = { shape: [2, 16, 1] };
    for (const window of [undefined, constant([6]), { shape: [6] }]) {
      for (const onesided of flags) {
        const operands = [signal, scalar(3), window, scalar(6)];
        await agrees({ op: 'STFT', operands, attributes: { onesided }, opset: 17 });
      }
    }
  });
});

test('Col2Im sums overlapping blocks', () =>
  agrees({
    op: 'Col2Im',
    operands: [{ shape: [2, 8, 16] }, integers(5, 4), integers(2, 2)],
    attributes: { pads: [1, 0, 0, 1], dilations: [2, 1] },
    opset: 18,
  }));

test('MaxUnpool puts values back', () =>
  agrees({
    op: 'MaxUnpool',
    operands: [{ shape: [1, 1, 2, 2] }, { shape: [1, 1, 2, 2], data: [5, 7, 13, 15], type: 'int64', constant: true }],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    opset: 11,
  }));

test('DeformConv with offsets of whole elements is a convolution of the shifted input', () => {
  const image = noise(25, 3);
  const weights = noise(4, 4);
  const offset = Array.from({ length: 8 * 16 }, (_, i) => (Math.floor(i / 16) % 2 === 0 ? 0 : 1));
  const node = {
    op: 'DeformConv',
    operands: [constant([1, 1, 5, 5], image), constant([1, 1, 2, 2], weights), constant([1, 8, 4, 4], offset)],
  };
  const at = (y: number, x: number): number => (x < 5 ? image[5 * y + x] : 0);
  const expected = Array.from({ length: 16 }, (_, i) => {
    const [y, x] = [Math.floor(i / 4), (i % 4) + 1];
    return weights.reduce((sum, w, k) => sum + w * at(y + Math.floor(k / 2), x + (k % 2)), 0);
  });
  expect(folded(node)).toEqual(expected.map((v) => expect.closeTo(v, 10)));
});

test('sizes a small file can only claim are refused before memory is taken', () => {
  const image = { shape: [1, 1, 4, 4] };
  const huge = { op: 'RoiAlign', operands: [image, constant([1, 4], [0, 0, 1e9, 1e9]), integers(0)], opset: 16 };
  expect(refusal(huge)).toContain('sampled corners, the limit is');
  const wide = { op: 'Resize', operands: [image, undefined, undefined, integers(1, 1, 1, 2 ** 30)] };
  expect(refusal(wide)).toContain('a resized axis would have 1073741824 elements');
  expect(refusal({ op: 'CumSum', operands: [{ shape: [2 ** 20] }, scalar(0)] })).toContain('Scan at most 4096');
  expect(refusal({ op: 'DFT', operands: [{ shape: [1, 2 ** 16, 1] }], opset: 17 })).toContain('the limit is');
  expect(refusal({ op: 'HannWindow', operands: [scalar(2 ** 40)] })).toContain('the limit is');
});

import { describe, expect, test } from 'vitest';
import type { AttributeValue } from '../../fuzz/onnx-model.ts';
import { agrees, constant, integers, type OneNode, refusal } from '../one-node.ts';

type Attributes = Record<string, AttributeValue>;

const image = { shape: [1, 2, 5, 4] };
const scales = (...values: number[]) => constant([values.length], values);

const modes: readonly Attributes[] = [
  { mode: 'nearest', nearest_mode: 'round_prefer_floor' },
  { mode: 'nearest', nearest_mode: 'round_prefer_ceil' },
  { mode: 'nearest', nearest_mode: 'floor' },
  { mode: 'nearest', nearest_mode: 'ceil' },
  { mode: 'linear' },
  { mode: 'cubic' },
  { mode: 'cubic', cubic_coeff_a: { float: -0.5 }, exclude_outside: 1 },
];

const coordinates = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'asymmetric', 'align_corners'];

/** The symmetric mode is refused where an output falls on a tie. */
async function agreesWhereDefined(operands: OneNode['operands'], attributes: Attributes): Promise<void> {
  const node = { op: 'Resize', operands, attributes };
  const tie = attributes.coordinate_transformation_mode === 'half_pixel_symmetric' && attributes.mode === 'nearest';
  if (!tie || !refusal(node).includes('rounding errors decide')) await agrees(node);
}

describe('Resize', () => {
  for (const mode of modes) {
    for (const coordinate of coordinates) {
      test(`${JSON.stringify(mode)} ${coordinate}`, async () => {
        const attributes = { ...mode, coordinate_transformation_mode: coordinate };
        for (const sizes of [
          [1, 2, 8, 7],
          [1, 2, 3, 1],
          [1, 2, 10, 4],
        ]) {
          await agreesWhereDefined([image, undefined, undefined, integers(...sizes)], attributes);
        }
        if (coordinate === 'align_corners') return;
        await agreesWhereDefined([image, undefined, scales(1, 1, 0.6, 1.7)], attributes);
      });
    }
  }

  test('crops and resizes a region, with a value outside the image', async () => {
    const roi = constant([8], [0, 0, 0.2, -0.2, 1, 1, 0.7, 1.3]);
    for (const mode of modes) {
      const crop = { coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: { float: 7 } };
      const operands = [image, roi, undefined, integers(1, 2, 3, 6)];
      await agrees({ op: 'Resize', operands, attributes: { ...mode, ...crop } });
    }
  });

  test('filters against aliasing when it shrinks', async () => {
    for (const mode of ['linear', 'cubic']) {
      for (const exclude_outside of [0, 1]) {
        const attributes = { mode, antialias: 1, exclude_outside };
        const shrink = integers(1, 2, 4, 3);
        await agrees({ op: 'Resize', operands: [{ shape: [1, 2, 11, 9] }, undefined, undefined, shrink], attributes });
      }
    }
  });

  test('keeps the aspect ratio of chosen axes', async () => {
    for (const keep_aspect_ratio_policy of ['not_larger', 'not_smaller']) {
      const attributes = { mode: 'linear', axes: [3, 2], keep_aspect_ratio_policy };
      await agrees({ op: 'Resize', operands: [image, undefined, undefined, integers(7, 6)], attributes });
    }
  });

  test('of opset 10, and Upsample of opsets 7 and 9', async () => {
    for (const mode of ['nearest', 'linear']) {
      for (const factors of [
        [1, 1, 2, 3],
        [1, 1, 0.5, 1.5],
      ]) {
        await agrees({ op: 'Resize', operands: [image, scales(...factors)], attributes: { mode }, opset: 10 });
      }
      await agrees({ op: 'Upsample', operands: [image, scales(1, 1, 2, 3)], attributes: { mode }, opset: 9 });
      const attributes = { mode, scales: { floats: [1, 1, 2, 3] } };
      await agrees({ op: 'Upsample', operands: [image], attributes, opset: 7 });
    }
  });

  test('is refused where the standard and its reference disagree', () => {
    const align = { mode: 'linear', coordinate_transformation_mode: 'align_corners' };
    const fraction = { op: 'Resize', operands: [image, undefined, scales(1, 1, 0.5, 1)], attributes: align };
    expect(refusal(fraction)).toContain('align_corners with a scale of 0.5 over 5 elements has no agreed meaning');
    const same = { op: 'Resize', operands: [image, undefined, scales(1, 1, 1.1, 1.1)] };
    expect(refusal(same)).toContain('a scale that leaves a size as it is has no agreed meaning');
    const symmetric = { nearest_mode: 'floor', coordinate_transformation_mode: 'half_pixel_symmetric' };
    const between = { op: 'Resize', operands: [image, undefined, undefined, integers(1, 2, 3, 1)] };
    expect(refusal({ ...between, attributes: symmetric })).toContain('rounding errors decide between two elements');
    const computed = { op: 'Resize', operands: [image, undefined, { shape: [4] }] };
    expect(refusal(computed)).toContain('scales (operand 2) is computed at run time');
  });
});

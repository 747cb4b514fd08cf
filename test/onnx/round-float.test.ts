import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/inspect/synthesise.ts';
import { roundFloat } from '../../src/onnx/round-float.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import { smallFloat } from '../../src/tensor/small-floats.ts';

/** Finite values ≥ 0 of a format, by code: neighbouring codes are neighbouring values. */
const valuesOf = (dtype: DType, codes: number): number[] =>
  Array.from({ length: codes }, (_, code) => smallFloat(dtype, code) ?? Number.NaN).filter(Number.isFinite);

/** Nearest by search; of two equally near ones that with the even code. */
function nearest(values: readonly number[], x: number): number {
  const above = values.findIndex((v) => v >= Math.abs(x));
  if (values[above] === Math.abs(x)) return x;
  const [low, high] = [values[above - 1], values[above]];
  const [down, up] = [Math.abs(x) - low, high - Math.abs(x)];
  const magnitude = down < up || (down === up && above % 2 === 1) ? low : high;
  return Math.sign(x) * magnitude;
}

const formats: [dtype: DType, codes: number][] = [
  ['float16', 2 ** 15],
  ['bfloat16', 2 ** 15],
  ['float8e4m3fn', 2 ** 7],
  ['float8e4m3fnuz', 2 ** 7],
  ['float8e5m2', 2 ** 7],
  ['float8e5m2fnuz', 2 ** 7],
  ['float4e2m1', 2 ** 3],
];

describe('rounding to a narrow float', () => {
  for (const [dtype, codes] of formats) {
    test(`${dtype} takes the nearest value, ties to even`, () => {
      const values = valuesOf(dtype, codes);
      const random = createRandom(7);
      const step = Math.max(1, Math.floor(values.length / 200));
      for (let i = 0; i + 1 < values.length; i += step) {
        const [low, high] = [values[i], values[i + 1]];
        for (const x of [low, (low + high) / 2, -(low + high) / 2, low + (high - low) * random()]) {
          expect((roundFloat(dtype, x, true) ?? Number.NaN) + 0, `${x}`).toBe(nearest(values, x) + 0);
        }
      }
    });
  }

  // The table of ONNX Cast: [type, saturating, 10^6, infinity].
  const beyond: [DType, boolean, number, number][] = [
    ['float16', true, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['float8e4m3fn', true, 448, 448],
    ['float8e4m3fn', false, Number.NaN, Number.NaN],
    ['float8e4m3fnuz', true, 240, 240],
    ['float8e4m3fnuz', false, Number.NaN, Number.NaN],
    ['float8e5m2', true, 57344, 57344],
    ['float8e5m2', false, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['float8e5m2fnuz', true, 57344, 57344],
    ['float8e5m2fnuz', false, Number.NaN, Number.NaN],
    ['float4e2m1', true, 6, 6],
  ];
  for (const [dtype, saturate, large, infinite] of beyond) {
    test(`${dtype}, ${saturate ? 'saturating' : 'not saturating'}, beyond its largest value`, () => {
      expect(roundFloat(dtype, 1e6, saturate)).toBe(large);
      expect(roundFloat(dtype, -1e6, saturate)).toBe(-large);
      expect(roundFloat(dtype, Number.POSITIVE_INFINITY, saturate)).toBe(infinite);
    });
  }

  test('NaN stays NaN, or has no counterpart', () => {
    expect(roundFloat('float8e5m2', Number.NaN, true)).toBeNaN();
    expect(roundFloat('float4e2m1', Number.NaN, true)).toBeUndefined();
    expect(roundFloat('float8e8m0', 1, true)).toBeUndefined();
  });
});

import type { NumericTensor } from '../../src/onnx/model.ts';
import { isReal } from '../../src/tensor/dtype.ts';

/** Why a result differs from what the case expects, or `undefined` when it agrees. */
export function disagreement(expected: NumericTensor, got: Float64Array): string | undefined {
  if (got.length !== expected.data.length) return `${got.length} elements, expected ${expected.data.length}`;
  const tolerance = isReal(expected.dtype) ? Math.max(0.01 * rangeOf(expected.data), 2 ** -6) : 0;
  for (let i = 0; i < got.length; i++) {
    const want = expected.data[i];
    if (Number.isNaN(want) && Number.isNaN(got[i])) continue;
    if (want === got[i]) continue;
    const delta = Math.abs(want - got[i]);
    if (!(delta <= tolerance)) {
      return `${expected.name}[${i}] = ${got[i]}, expected ${want} (tolerance ${tolerance})`;
    }
  }
  return undefined;
}

/** Where a proved value is further from the float interpreter's than the bound that was proved for it. */
export function boundBreach(float: Float64Array, got: Float64Array, bound: Float64Array): string | undefined {
  for (let i = 0; i < got.length; i++) {
    const delta = Math.abs(got[i] - float[i]);
    if (delta > bound[i] * (1 + 1e-9) + 1e-9 * (1 + Math.abs(float[i]))) {
      return `element ${i}: ${got[i]} is ${delta} from ${float[i]}, its own bound is ${bound[i]}`;
    }
  }
  return undefined;
}

function rangeOf(values: Float64Array): number {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    lo = Math.min(lo, v);
    hi = Math.max(hi, v);
  }
  return hi > lo ? hi - lo : 0;
}

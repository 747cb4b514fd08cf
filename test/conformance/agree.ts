import type { NumericTensor } from '../../src/onnx/model.ts';
import { isReal } from '../../src/tensor/dtype.ts';

/** Why a result differs from what the case expects, or `undefined` when it agrees. */
export function disagreement(expected: NumericTensor, got: Float64Array, bound?: Float64Array): string | undefined {
  if (got.length !== expected.data.length) return `${got.length} elements, expected ${expected.data.length}`;
  const tolerance = isReal(expected.dtype) ? Math.max(0.01 * rangeOf(expected.data), 2 ** -6) : 0;
  for (let i = 0; i < got.length; i++) {
    const want = expected.data[i];
    if (Number.isNaN(want) && Number.isNaN(got[i])) continue;
    if (want === got[i]) continue;
    const delta = Math.abs(want - got[i]);
    const where = `${expected.name}[${i}] = ${got[i]}, expected ${want}`;
    if (!(delta <= tolerance)) return `${where} (tolerance ${tolerance})`;
    // The published float32 values carry an error of their own.
    const slack = 1e-5 * (1 + Math.abs(want)) + 2 ** -9 * Number(expected.dtype.endsWith('16'));
    if (bound !== undefined && delta > bound[i] + slack) return `${where} exceeds its own bound ${bound[i]}`;
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

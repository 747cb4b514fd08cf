import type { InputNode } from '../graph/graph.ts';
import { integerWidth } from '../graph/integer-width.ts';
import type { Observed } from '../quant/precision.ts';
import type { Sample } from '../quant/sample.ts';
import { isInteger } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';

/** A small deterministic generator (xorshift32), so that a report made twice is the same. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Bounds assumed for an input that neither data nor options bound: its type's, or [−1, 1] for reals. */
export function assumedBounds({ dtype }: InputNode): Observed {
  if (dtype === 'bool') return { lo: 0, hi: 1 };
  if (!isInteger(dtype)) return { lo: -1, hi: 1 };
  const { width, signed } = integerWidth(dtype);
  if (width > 8) return { lo: 0, hi: 255 };
  return signed ? { lo: -(2 ** (width - 1)), hi: 2 ** (width - 1) - 1 } : { lo: 0, hi: 2 ** width - 1 };
}

/** Uniform samples within the bounds of every input. */
export function synthesise(
  inputs: readonly InputNode[],
  bounds: ReadonlyMap<string, Observed>,
  count: number,
): Sample[] {
  const random = createRandom(2026);
  return Array.from({ length: count }, () => {
    const sample = new Map<string, Float64Array>();
    for (const input of inputs) {
      const { lo, hi } = bounds.get(input.name) ?? assumedBounds(input);
      const integral = isInteger(input.dtype) || input.dtype === 'bool';
      const draw = integral
        ? () => Math.floor(lo + random() * (hi - lo + 1))
        : () => Math.fround(lo + random() * (hi - lo));
      sample.set(input.name, Float64Array.from({ length: sizeOf(input.shape) }, draw));
    }
    return sample;
  });
}

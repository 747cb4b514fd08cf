import type { ValueId } from '../../graph/builder.ts';
import { apply, multiply, scale } from '../../graph/compose/arithmetic.ts';
import { square } from '../../graph/compose/normalise.ts';
import { combineSparse } from '../../graph/compose/product.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { input, type OpContext, type OpTable } from '../op.ts';

/** x · (bias + alpha/size · Σ x² over `size` neighbouring channels)^−beta. */
function lrn(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  const size = attributes.int('size');
  const window = channelWindows(shape, size);
  const weight = new Float64Array(window.length).fill(attributes.float('alpha', 1e-4) / size);
  const energy = combineSparse(b, square(b, x), shape, { depth: size, gather: window, weight });
  const base = scale(b, energy, 1, attributes.float('bias', 1));
  return [multiply(b, x, apply(b, base, 'power', -attributes.float('beta', 0.75)))];
}

/** For each element the same position of channels c − ⌊(size−1)/2⌋ … c + ⌈(size−1)/2⌉; −1 outside the tensor. */
function channelWindows(shape: readonly number[], size: number): Int32Array {
  const [batch, channels] = shape;
  const inner = sizeOf(shape.slice(2));
  const before = Math.floor((size - 1) / 2);
  const gather = new Int32Array(batch * channels * inner * size);
  let next = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < inner; i++) {
        for (let k = 0; k < size; k++) {
          const channel = c - before + k;
          gather[next++] = channel < 0 || channel >= channels ? -1 : (n * channels + channel) * inner + i;
        }
      }
    }
  }
  return gather;
}

export const ops: OpTable = { LRN: lrn };

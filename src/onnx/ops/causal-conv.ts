import type { ValueId } from '../../graph/builder.ts';
import { apply } from '../../graph/compose/arithmetic.ts';
import { concat, filled, slice } from '../../graph/compose/movement.ts';
import { input, type OpContext, type OpTable, optional } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { slideWindow, windowTable } from '../window.ts';
import { convolve } from './conv.ts';

/** A depthwise convolution over the past only; the last kernel − 1 samples are handed on as the next state. */
function causalConv(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const [x, weight] = [input(context, 0), input(context, 1)];
  const [batch, channels, length] = b.shape(x);
  const [outs, inner, kernel] = b.shape(weight);
  if (length === undefined || outs !== channels || inner !== 1 || kernel === undefined) {
    throw new UnsupportedError(`weights [${b.shape(weight)}] do not fit [${b.shape(x)}]`, 'Check the operands.');
  }
  const activation = attributes.string('activation', 'none');
  if (!['none', 'silu', 'swish'].includes(activation)) {
    throw new UnsupportedError(`activation "${activation}"`, 'Use none, silu or swish.');
  }
  const past = optional(context, 3) ?? filled(b, [batch, channels, kernel - 1], 0, b.dtype(x));
  const whole = concat(b, [past, x], 2);
  const slide = { input: length + kernel - 1, output: length, kernel, stride: 1, dilation: 1, padBegin: 0, padEnd: 0 };
  const table = windowTable([slideWindow(slide)]);
  const y = convolve(b, { x: whole, weight, bias: optional(context, 2), groups: channels, outs, table });
  const state = slice(b, whole, 2, length, kernel - 1);
  return [activation === 'none' ? y : apply(b, y, 'silu', 1), state];
}

export const ops: OpTable = { CausalConvWithState: causalConv };

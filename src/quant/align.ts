import { type Computed, isPending, type QuantContext } from './context.ts';
import { computed, materialise, plain } from './values.ts';

/** Values brought to one scale. */
export interface Aligned {
  readonly values: readonly Computed[];
  readonly scale: number;
}

/** How many bits below the coarser operand an inexact alignment keeps. */
const alignmentBits = 10;

/**
 * Brings the operands of the current node to a common scale with integer factors, which are free. Scales that differ
 * by a power of two (or are equal) align exactly; others are approximated to `alignmentBits` below the finest scale.
 * Constants take the common scale, refined to `wanted` when that is finer.
 */
export function align(context: QuantContext, wanted?: number): Aligned {
  const shapes = context.graph.nodes[context.id].inputs.map((id) => context.graph.nodes[id].shape);
  const dynamic = context.operands.map((value) => (isPending(value) ? undefined : plain(context, value)));
  const scales = dynamic.flatMap((value) => (value === undefined ? [] : [context.q.node(value.id).scale]));
  let scale = commonScale(scales);
  if (context.operands.some(isPending)) scale = refine(context, scale, wanted);
  const values = context.operands.map((value, i) => {
    const known = dynamic[i];
    if (known !== undefined) return rescaleExactly(context, known, scale);
    if (isPending(value)) return materialise(context, value, shapes[i], scale);
    return plain(context, value);
  });
  return { values, scale };
}

function commonScale(scales: readonly number[]): number {
  const finest = Math.min(...scales);
  const exact = scales.every((scale) => Number.isInteger(scale / finest));
  return exact ? finest : finest * 2 ** -alignmentBits;
}

/** Halves the scale until every constant among the operands is exact or finer than wanted. */
function refine(context: QuantContext, scale: number, wanted: number | undefined): number {
  const limit = wanted ?? scale * 2 ** -alignmentBits;
  let refined = scale;
  for (const value of context.operands) {
    if (!isPending(value)) continue;
    const exactAt = (s: number): boolean => value.constant.every((v) => Math.abs(v / s - Math.round(v / s)) < 1e-9);
    let s = refined;
    while (s > limit && !exactAt(s)) s /= 2;
    refined = s;
  }
  return refined;
}

function rescaleExactly(context: QuantContext, value: Computed, scale: number): Computed {
  const node = context.q.node(value.id);
  if (node.scale === scale) return value;
  const factor = Math.round(node.scale / scale);
  const relative = Math.abs(node.scale - factor * scale);
  const { lo, hi } = context.q.range(value.id);
  const error = value.error.map((e, i) => e + relative * Math.max(Math.abs(lo[i]), Math.abs(hi[i])));
  const { shape } = node;
  return computed(context, { kind: 'add', inputs: [value.id], shape, scale, coefficients: [factor] }, error);
}

import type { AffineNode, Graph, GraphNode } from '../graph.ts';
import { countUses, rewrite } from './rewrite.ts';

/**
 * Elementwise scales and offsets disappear into the affine map before or after them (batch normalisation, feature
 * scaling, biases added separately), so that their weights are rounded once and cost no precision of their own.
 */
export function foldAffine(graph: Graph): Graph {
  const uses = countUses(graph);
  const usesOf = graph.nodes.map((node) => node.inputs.map((input) => uses[input]));
  return rewrite(graph, (node, id, emit, built) => {
    const single = (index: number): GraphNode | undefined =>
      usesOf[id][index] === 1 ? built[node.inputs[index]] : undefined;
    if (node.kind === 'affine') {
      const operand = single(0);
      const folded = operand?.kind === 'affine' ? (scaleAfter(operand, node) ?? scaleBefore(operand, node)) : undefined;
      return emit(folded ?? node);
    }
    if (node.kind === 'add' && node.inputs.length === 2 && !node.dtype.includes('int')) {
      const [first, second] = [built[node.inputs[0]], built[node.inputs[1]]];
      if (second.kind === 'const' && isOffset(second.data) && single(0)?.kind === 'affine') {
        return emit(withOffset(first as AffineNode, node.shape, node.coefficients, second.data));
      }
      if (first.kind === 'const' && isOffset(first.data) && single(1)?.kind === 'affine') {
        const [a, b] = node.coefficients;
        return emit(withOffset(second as AffineNode, node.shape, [b, a], first.data));
      }
    }
    return emit(node);
  });
}

/** Masks (−∞ and numbers that stand for it) stay apart: the quantiser replaces them where it finds them. */
const isOffset = (data: Float64Array): boolean => data.every((v) => Math.abs(v) < 1e8);

/** A map that scales and shifts each element on its own. */
function isDiagonal(node: AffineNode): boolean {
  return node.depth === 1 && node.outs === 1 && node.positions === 1 && node.gather.every((source, i) => source === i);
}

/** diagonal ∘ map, when the scale is the same over the positions of each output channel. */
function scaleAfter(inner: AffineNode, diagonal: AffineNode): AffineNode | undefined {
  if (!isDiagonal(diagonal)) return undefined;
  const { positions, depth } = inner;
  const channels = inner.groups * inner.outs;
  if (channels * positions !== diagonal.groups) return undefined;
  for (let c = 0; c < channels; c++) {
    for (let p = 1; p < positions; p++) {
      if (diagonal.weight[c * positions + p] !== diagonal.weight[c * positions]) return undefined;
    }
  }
  const factor = (c: number): number => diagonal.weight[c * positions];
  return {
    ...inner,
    shape: diagonal.shape,
    origin: inner.origin,
    weight: inner.weight.map((w, i) => w * factor(Math.floor(i / depth))),
    bias: shrinkBias(
      diagonal.bias.map(
        (d, i) => d + diagonal.weight[i] * inner.bias[inner.bias.length === channels ? Math.floor(i / positions) : i],
      ),
      channels,
      positions,
    ),
  };
}

/** map ∘ diagonal, when each of the map's inputs is scaled and shifted alike at every position that reads it. */
function scaleBefore(diagonal: AffineNode, outer: AffineNode): AffineNode | undefined {
  if (!isDiagonal(diagonal)) return undefined;
  const { groups, outs, positions, depth, gather } = outer;
  const weight = new Float64Array(outer.weight.length);
  const bias = Float64Array.from(outer.bias);
  const perPosition = bias.length !== groups * outs;
  for (let g = 0; g < groups; g++) {
    for (let k = 0; k < depth; k++) {
      const source = gather[g * positions * depth + k];
      const shift = source < 0 ? 0 : diagonal.bias[source];
      if (!isAlike(diagonal, outer, g, k) || (shift !== 0 && perPosition)) return undefined;
      if (source < 0) continue;
      for (let o = g * outs; o < (g + 1) * outs; o++) {
        weight[o * depth + k] = outer.weight[o * depth + k] * diagonal.weight[source];
        bias[perPosition ? 0 : o] += outer.weight[o * depth + k] * shift;
      }
    }
  }
  return { ...outer, inputs: diagonal.inputs, weight, bias };
}

/** Whether input k of group g has one scale and one offset at all positions, or is padding at all of them. */
function isAlike(diagonal: AffineNode, { positions, depth, gather }: AffineNode, g: number, k: number): boolean {
  const first = gather[g * positions * depth + k];
  for (let p = 1; p < positions; p++) {
    const source = gather[(g * positions + p) * depth + k];
    if (source < 0 !== first < 0) return false;
    if (source < 0) continue;
    if (diagonal.weight[source] !== diagonal.weight[first] || diagonal.bias[source] !== diagonal.bias[first])
      return false;
  }
  return true;
}

function withOffset(
  inner: AffineNode,
  shape: readonly number[],
  [factor, share]: readonly number[],
  offset: Float64Array,
): AffineNode {
  const channels = inner.groups * inner.outs;
  const perChannel = inner.bias.length === channels;
  const bias = offset.map((v, i) => share * v + factor * inner.bias[perChannel ? Math.floor(i / inner.positions) : i]);
  return {
    ...inner,
    shape,
    weight: factor === 1 ? inner.weight : inner.weight.map((w) => w * factor),
    bias: shrinkBias(bias, channels, inner.positions),
  };
}

/** One bias per channel where it is the same at every position. */
function shrinkBias(bias: Float64Array, channels: number, positions: number): Float64Array {
  for (let i = 0; i < bias.length; i++) if (bias[i] !== bias[i - (i % positions)]) return bias;
  return Float64Array.from({ length: channels }, (_, c) => bias[c * positions]);
}

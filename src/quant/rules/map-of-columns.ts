import type { AffineNode } from '../../graph/graph.ts';
import type { Computed } from '../context.ts';
import type { QNode } from '../qgraph.ts';

export interface ColumnMap {
  readonly node: AffineNode;
  readonly x: Computed;
  /**
   * Largest weight, each counted by how far the integers of its column reach relative to the widest: what the rounding
   * of weights must be measured against. Undefined for operands of one scale.
   */
  readonly heaviest: number | undefined;
}

/** An affine map of an input with columns as a map of its integers: each weight takes up the scale of its column. */
export function mapOfColumns(node: AffineNode, x: Computed, operand: QNode): ColumnMap {
  if (operand.kind !== 'input' || operand.columns === undefined) return { node, x, heaviest: undefined };
  const { columns } = operand;
  const { groups, outs, positions, depth, gather } = node;
  const reaches = columns.map(({ lo, bits }) => Math.max(Math.abs(lo), Math.abs(lo + 2 ** bits - 1)));
  const widest = reaches.reduce((most, reach) => Math.max(most, reach), 1);
  const weight = Float64Array.from(node.weight);
  let heaviest = 0;
  for (let g = 0; g < groups; g++) {
    for (let k = 0; k < depth; k++) {
      let source = -1;
      for (let p = 0; p < positions && source < 0; p++) source = gather[(g * positions + p) * depth + k];
      if (source < 0) continue;
      const column = source % columns.length;
      for (let o = 0; o < outs; o++) {
        const i = (g * outs + o) * depth + k;
        weight[i] *= columns[column].scale;
        heaviest = Math.max(heaviest, (Math.abs(weight[i]) * reaches[column]) / widest);
      }
    }
  }
  const error = x.error.map((e, i) => e / columns[i % columns.length].scale);
  return { node: { ...node, weight }, x: { ...x, error }, heaviest };
}

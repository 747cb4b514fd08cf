import type { QGraph } from '../quant/qgraph.ts';
import type { Circuit } from '../r1cs/lower.ts';
import type { InputLayout, Layout } from '../verify/layout.ts';

/** How a stranger reads the signals of a circuit. */
export function layoutOf({ nodes }: QGraph, { outputs, inputs }: Circuit): Layout {
  return {
    outputs: outputs.map(({ name, node, visibility, lo, hi, laneBytes, lanes }) => {
      const { shape, scale } = nodes[node];
      return { name, shape, scale, lo, hi, laneBytes, lanes, visibility };
    }),
    inputs: inputs.flatMap(({ node: id, visibility, lo, hi, laneBytes, lanes }): InputLayout[] => {
      const node = nodes[id];
      if (node.kind !== 'input') return [];
      const { name, shape, scale, zero } = node;
      const common = { name, shape, scale, lo, hi, laneBytes, lanes, visibility, zero };
      if (node.columns === undefined) return [common];
      const columns = node.columns.map((c) => ({ scale: c.scale, lo: c.lo, hi: c.lo + 2 ** c.bits - 1 }));
      return [{ ...common, columns }];
    }),
  };
}

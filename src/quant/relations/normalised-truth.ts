import type { Graph, GraphNode } from '../../graph/graph.ts';
import { type Element, keyOf, operandElement, trace } from '../../graph/trace.ts';

/**
 * A bound on every |c · (d / √(w·Σ c² + ε))| of a product in the float graph, d/√w: the largest c² is no more than the
 * whole sum. `undefined` where the product is not of that form.
 */
export function normalisedLimit(graph: Graph, { inputs, shape }: GraphNode): number | undefined {
  const { nodes } = graph;
  const size = shape.reduce((product, dim) => product * dim, 1);
  for (const [c, factor] of [inputs, [...inputs].reverse()]) {
    const rows = new Map<string, Row | undefined>();
    let limit = 0;
    for (let i = 0; i < size && limit < Number.POSITIVE_INFINITY; i++) {
      const value = trace(nodes, c, i);
      const scale = trace(nodes, factor, i);
      if (!rows.has(keyOf(scale))) rows.set(keyOf(scale), rowOf(nodes, scale));
      const row = rows.get(keyOf(scale));
      limit = row?.members.has(keyOf(value)) === true ? Math.max(limit, row.limit) : Number.POSITIVE_INFINITY;
    }
    if (limit < Number.POSITIVE_INFINITY) return limit;
  }
  return undefined;
}

interface Row {
  readonly limit: number;
  readonly members: ReadonlySet<string>;
}

function rowOf(nodes: readonly GraphNode[], factor: Element): Row | undefined {
  const quotient = nodes[factor.node];
  if (quotient.kind !== 'divide' || quotient.mode !== 'real') return undefined;
  const numerator = trace(nodes, quotient.inputs[0], factor.index);
  const constant = nodes[numerator.node];
  if (constant.kind !== 'const') return undefined;
  const root = withoutRise(nodes, trace(nodes, quotient.inputs[1], factor.index));
  const sqrt = nodes[root.node];
  if (sqrt.kind !== 'sqrt') return undefined;
  const sum = withoutRise(nodes, trace(nodes, sqrt.inputs[0], root.index));
  const affine = nodes[sum.node];
  if (affine.kind !== 'affine') return undefined;
  const { outs, groups, positions, depth, gather, weight, bias } = affine;
  const channel = Math.floor(sum.index / positions);
  if ((bias[bias.length === groups * outs ? channel : sum.index] ?? 0) < 0) return undefined;
  const first = (Math.floor(channel / outs) * positions + (sum.index % positions)) * depth;
  const members = new Set<string>();
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < depth; k++) {
    const member = operandElement(nodes, affine.inputs, gather[first + k]);
    if (member === undefined) continue;
    const squared = trace(nodes, member.node, member.index);
    const square = nodes[squared.node];
    if (square.kind !== 'mul' || square.inputs[0] !== square.inputs[1]) return undefined;
    members.add(keyOf(trace(nodes, square.inputs[0], squared.index)));
    least = Math.min(least, weight[channel * depth + k]);
  }
  return least > 0 ? { limit: Math.abs(constant.data[numerator.index]) / Math.sqrt(least), members } : undefined;
}

/** Goes back through nodes that only make a value larger: constants ≥ 0 added, lower bounds. */
function withoutRise(nodes: readonly GraphNode[], from: Element): Element {
  let at = from;
  for (;;) {
    const { index } = at;
    const node: GraphNode = nodes[at.node];
    const raises = node.kind === 'clip' && node.hi === Number.POSITIVE_INFINITY;
    if (!raises && !addsConstant(nodes, node, index)) return at;
    at = trace(nodes, node.inputs[0], index);
  }
}

function addsConstant(nodes: readonly GraphNode[], node: GraphNode, index: number): boolean {
  if (node.kind !== 'add' || node.inputs.length !== 2 || node.coefficients[0] !== 1) return false;
  const offset = nodes[node.inputs[1]];
  return offset.kind === 'const' && node.coefficients[1] * offset.data[index] >= 0;
}

import { keyOf, membersOf, trace } from '../../graph/trace.ts';
import type { QAdd, QNode, Range } from '../qgraph.ts';

/**
 * x − max(…, x, …) is at most 0, also where both sides were requantised alike, which keeps their order: a fact about
 * the integers as the circuit enforces them, which their intervals taken apart do not show.
 */
export function belowMaximum(node: QAdd, nodes: readonly QNode[], { lo, hi }: Range): Range {
  const [a, b] = node.inputs;
  const [p, q] = node.coefficients;
  if (node.inputs.length !== 2 || p !== -q || p === 0) return { lo, hi };
  const [lower, upper] = p > 0 ? [a, b] : [b, a];
  if (!couldBeMaximum(nodes, upper)) return { lo, hi };
  const known: Members = new Map();
  return { lo, hi: hi.map((most, i) => (most > 0 && isBelow(nodes, known, lower, upper, i) ? 0 : most)) };
}

/** Most differences have no maximum on their right, and need no closer look. */
function couldBeMaximum(nodes: readonly QNode[], id: number): boolean {
  const node = nodes[id];
  if (node.kind === 'map' || node.kind === 'rescale') return couldBeMaximum(nodes, node.inputs[0]);
  return node.kind === 'max';
}

/** What elements of maxima are taken over, as far as it has been looked up. */
type Members = Map<string, ReadonlySet<string>>;

function isBelow(nodes: readonly QNode[], known: Members, lower: number, upper: number, index: number): boolean {
  let x = trace(nodes, lower, index);
  let max = trace(nodes, upper, index);
  for (;;) {
    const members = known.get(keyOf(max)) ?? membersOf(nodes, max);
    known.set(keyOf(max), members);
    if (members.has(keyOf(x))) return true;
    const [left, right] = [nodes[x.node], nodes[max.node]];
    if (left.kind !== 'rescale' || right.kind !== 'rescale') return false;
    if (left.shift !== right.shift || left.relu !== right.relu) return false;
    x = trace(nodes, left.inputs[0], x.index);
    max = trace(nodes, right.inputs[0], max.index);
  }
}

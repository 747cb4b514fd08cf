/** One element of one node. */
export interface Element {
  readonly node: number;
  readonly index: number;
}

/** What tracing needs of a node; nodes of quantised graphs qualify, too. */
export interface Traceable {
  readonly kind: string;
  readonly inputs: readonly number[];
  readonly shape: readonly number[];
  readonly source?: Int32Array;
  readonly fill?: number;
}

/** Where an element comes from, seen through data movement; what a map fills in comes from the map itself. */
export function trace(nodes: readonly Traceable[], node: number, index: number): Element {
  let at: Element = { node, index };
  for (;;) {
    const { kind, source, inputs }: Traceable = nodes[at.node];
    const before = kind === 'map' && source !== undefined ? operandElement(nodes, inputs, source[at.index]) : undefined;
    if (before === undefined) return at;
    at = before;
  }
}

/** Element `index` of the concatenation of some nodes. */
export function operandElement(
  nodes: readonly Traceable[],
  inputs: readonly number[],
  index: number,
): Element | undefined {
  let rest = index;
  if (rest < 0) return undefined;
  for (const node of inputs) {
    const size = nodes[node].shape.reduce((product, dim) => product * dim, 1);
    if (rest < size) return { node, index: rest };
    rest -= size;
  }
  return undefined;
}

/** A name under which an element can be looked up. */
export const keyOf = ({ node, index }: Element): string => `${node}:${index}`;

/** A maximum over windows of the concatenated inputs. */
interface Maximum extends Traceable {
  readonly window: number;
  readonly gather: Int32Array;
}

const isMaximum = (node: Traceable): node is Maximum => node.kind === 'max';

/** What one element of a maximum is taken over, by key; nothing for an element of another kind of node. */
export function membersOf(nodes: readonly Traceable[], { node, index }: Element): ReadonlySet<string> {
  const max = nodes[node];
  const members = new Set<string>();
  if (!isMaximum(max)) return members;
  for (let k = index * max.window; k < (index + 1) * max.window; k++) {
    const member = operandElement(nodes, max.inputs, max.gather[k]);
    if (member !== undefined) members.add(keyOf(trace(nodes, member.node, member.index)));
  }
  return members;
}

/** Whether every element of a − b is x − max(…, x, …), or −∞ less a maximum that skips it. */
export function isBelowMaximum(nodes: readonly Traceable[], [a, b]: readonly number[], size: number): boolean {
  const known = new Map<string, ReadonlySet<string>>();
  for (let i = 0; i < size; i++) {
    const x = trace(nodes, a, i);
    const max = trace(nodes, b, i);
    const members = known.get(keyOf(max)) ?? membersOf(nodes, max);
    known.set(keyOf(max), members);
    if (!members.has(keyOf(x)) && !isLowest(nodes, x)) return false;
  }
  return true;
}

/** An element that a map fills with −∞. */
function isLowest(nodes: readonly Traceable[], { node, index }: Element): boolean {
  const { source, fill } = nodes[node];
  return source !== undefined && source[index] < 0 && fill === Number.NEGATIVE_INFINITY;
}

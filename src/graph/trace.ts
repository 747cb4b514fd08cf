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
}

/** Where an element comes from, seen through data movement; `undefined` for a fill. */
export function trace(nodes: readonly Traceable[], node: number, index: number): Element | undefined {
  let at: Element | undefined = { node, index };
  while (at !== undefined) {
    const { source, inputs }: Traceable = nodes[at.node];
    if (nodes[at.node].kind !== 'map' || source === undefined) return at;
    at = operandElement(nodes, inputs, source[at.index]);
  }
  return undefined;
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
    const root = member === undefined ? undefined : trace(nodes, member.node, member.index);
    if (root !== undefined) members.add(keyOf(root));
  }
  return members;
}

/** Whether every element of a − b is x − max(…, x, …). */
export function isBelowMaximum(nodes: readonly Traceable[], [a, b]: readonly number[], size: number): boolean {
  const known = new Map<string, ReadonlySet<string>>();
  for (let i = 0; i < size; i++) {
    const x = trace(nodes, a, i);
    const max = trace(nodes, b, i);
    if (x === undefined || max === undefined) return false;
    const members = known.get(keyOf(max)) ?? membersOf(nodes, max);
    known.set(keyOf(max), members);
    if (!members.has(keyOf(x))) return false;
  }
  return true;
}

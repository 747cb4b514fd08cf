import type { GraphNode } from '../graph/graph.ts';
import type { NodePrecision, Precision } from './precision.ts';
import { quantise } from './quantise.ts';
import { quantiseOptions, type Search } from './trial.ts';

/** A precision that differs in one setting by one bit. */
export interface Change {
  /** Which setting of which node. */
  readonly key: string;
  readonly precision: Precision;
}

/** Above this many tunable settings, nodes of the same operator and kind share theirs (unrolled networks). */
const maxSingles = 24;

/** Every setting that gives one tunable layer (or group of like nodes, or the inputs) one bit less, bar the `exhausted`. */
export function neighbours(search: Search, precision: Precision, exhausted: ReadonlySet<string>): Change[] {
  const { activations, weights } = tunable(search, precision);
  const grouped = activations.length + weights.length > maxSingles;
  const groups = new Map<string, { readonly setting: keyof NodePrecision; readonly ids: number[] }>();
  const collect = (setting: keyof NodePrecision, id: number): void => {
    const key = `${setting} ${grouped ? likeness(search.graph.nodes[id]) : id}`;
    const group = groups.get(key) ?? { setting, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  };
  for (const id of weights) collect('weightBits', id);
  for (const id of activations) collect('activationBits', id);
  const changes = [...groups].flatMap(([key, { setting, ids }]) => {
    const bitsOf = (id: number): number => precision.nodes.get(id)?.[setting] ?? precision[setting];
    if (exhausted.has(key) || ids.some((id) => bitsOf(id) <= 1)) return [];
    const nodes = new Map(precision.nodes);
    for (const id of ids) nodes.set(id, { ...nodes.get(id), [setting]: bitsOf(id) - 1 });
    return [{ key, precision: { ...precision, nodes } }];
  });
  const { inputBits } = precision;
  const key = 'inputBits';
  if (search.options.mostInputBits === undefined || exhausted.has(key) || inputBits <= 1) return changes;
  return [...changes, { key, precision: { ...precision, inputBits: inputBits - 1 } }];
}

function likeness(node: GraphNode): string {
  return `${node.origin.op} ${node.kind} ${node.kind === 'function' ? node.fn.name : ''}`;
}

/** The nodes whose setting a rule actually consults. */
function tunable(search: Search, precision: Precision): { activations: number[]; weights: number[] } {
  const activations = new Set<number>();
  const weights = new Set<number>();
  quantise(search.graph, {
    ...quantiseOptions(search, precision),
    consulted: (what, id) => (what === 'activation' ? activations : weights).add(id),
  });
  const ascending = (a: number, b: number): number => a - b;
  return { activations: [...activations].sort(ascending), weights: [...weights].sort(ascending) };
}

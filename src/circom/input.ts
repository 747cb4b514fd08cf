import { randomScalar, type Scalar } from '../field/bn254.ts';
import { commit } from '../field/commitment.ts';
import type { QGraph, Range } from '../quant/qgraph.ts';
import { lanesFor, packLanes } from '../tensor/lanes.ts';
import { publishedOf } from './program.ts';
import { saltOf } from './publish.ts';

/** What circom's witness calculator takes, by the names of signals. */
export type CircomInput = Readonly<Record<string, string | readonly string[]>>;

export interface CircomInputOptions {
  readonly binding?: bigint;
  /** One per hashed tensor, outputs before inputs; fresh ones when absent. */
  readonly salts?: readonly Scalar[];
}

/** The integers of every input, and what the program compares them with: the binding, public words, salts, commitments. */
export function circomInput(
  graph: QGraph,
  ranges: readonly Range[],
  integers: ReadonlyMap<string, Float64Array>,
  { binding = 0n, salts = [] }: CircomInputOptions = {},
): CircomInput {
  const input: Record<string, string | readonly string[]> = { binding: binding.toString() };
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'input') input[`n${id}`] = texts(Array.from(integers.get(node.name) ?? [], BigInt));
  }
  const { outputs, inputs } = publishedOf(graph, ranges);
  let hashed = 0;
  for (const published of [...outputs, ...inputs]) {
    const { title, signal, direction, isHashed, lanes } = published;
    const salt = isHashed ? (salts[hashed++] ?? randomScalar()) : undefined;
    if (salt !== undefined) input[saltOf(published)] = salt.toString();
    if (direction === 'output') continue;
    const form = lanesFor(lanes.lo, lanes.hi);
    const words = packLanes(form, integers.get(title) ?? []);
    input[signal] = texts(salt === undefined ? words : [commit({ ...form, elements: lanes.size }, words, salt)]);
  }
  return input;
}

const texts = (values: readonly bigint[]): string[] => values.map(String);

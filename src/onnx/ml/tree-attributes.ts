import type { TreeTest } from '../../graph/tree.ts';
import type { Attributes } from '../attributes.ts';
import { UnsupportedError } from '../unsupported.ts';
import type { LooseNode, LooseTrees } from './tree-layout.ts';

const tests: Readonly<Record<string, TreeTest>> = {
  BRANCH_LEQ: 'le',
  BRANCH_LT: 'lt',
  BRANCH_GTE: 'ge',
  BRANCH_GT: 'gt',
  BRANCH_EQ: 'eq',
  BRANCH_NEQ: 'ne',
};

/**
 * The trees of TreeEnsembleClassifier (`kind` class) and TreeEnsembleRegressor (`kind` target), opsets 1 to 4. A tree
 * starts at its first node. The branch that missing values take is ignored: inputs that are not numbers are refused.
 */
export function readTrees(attributes: Attributes, kind: 'class' | 'target'): LooseTrees {
  const tree = attributes.ints('nodes_treeids', []);
  const id = attributes.ints('nodes_nodeids', []);
  const modes = attributes.strings('nodes_modes', []);
  const columns = [id, modes, attributes.ints('nodes_featureids', []), floats(attributes, 'nodes_values')] as const;
  const yes = attributes.ints('nodes_truenodeids', []);
  const no = attributes.ints('nodes_falsenodeids', []);
  const [, , features, values] = columns;
  sameLength(tree, [...columns, yes, no], 'nodes');
  const at = new Map<string, number>();
  const roots: number[] = [];
  for (let i = 0; i < tree.length; i++) {
    if (i === 0 || tree[i] !== tree[i - 1]) roots.push(i);
    const key = `${tree[i]}:${id[i]}`;
    if (at.has(key)) throw malformed(`node ${id[i]} of tree ${tree[i]} occurs twice`);
    at.set(key, i);
  }
  if (new Set(tree).size !== roots.length) throw malformed('the nodes of a tree do not lie together');
  const find = (treeId: number, nodeId: number): number => {
    const found = at.get(`${treeId}:${nodeId}`);
    if (found === undefined) throw malformed(`tree ${treeId} refers to node ${nodeId}, which it does not have`);
    return found;
  };
  const weights = readWeights(attributes, kind, find);
  const nodes = tree.map((treeId, i): LooseNode => {
    if (modes[i] === 'LEAF') return { weights: weights.get(i) ?? [] };
    const test = tests[modes[i]];
    if (test === undefined) throw new UnsupportedError(`node mode "${modes[i]}" is not supported`, 'Re-export.');
    return {
      test,
      feature: features[i],
      threshold: values[i],
      left: find(treeId, yes[i]),
      right: find(treeId, no[i]),
    };
  });
  return { roots, nodes };
}

function readWeights(
  attributes: Attributes,
  kind: 'class' | 'target',
  find: (tree: number, node: number) => number,
): Map<number, [number, number][]> {
  const tree = attributes.ints(`${kind}_treeids`, []);
  const node = attributes.ints(`${kind}_nodeids`, []);
  const target = attributes.ints(`${kind}_ids`, []);
  const weight = floats(attributes, `${kind}_weights`);
  sameLength(tree, [node, target, weight], kind);
  const weights = new Map<number, [number, number][]>();
  for (let i = 0; i < tree.length; i++) {
    const leaf = find(tree[i], node[i]);
    const entries = weights.get(leaf) ?? [];
    if (entries.some(([known]) => known === target[i])) throw malformed(`a leaf has two weights for one ${kind}`);
    entries.push([target[i], weight[i]]);
    weights.set(leaf, entries);
  }
  return weights;
}

/** A list of floats that may be given as a tensor instead (`…_as_tensor`, for double models). */
export function floats(attributes: Attributes, name: string): readonly number[] {
  if (attributes.has(`${name}_as_tensor`)) {
    const tensor = attributes.tensor(`${name}_as_tensor`);
    if (tensor.dtype === 'string') throw malformed(`${name}_as_tensor holds strings`);
    return Array.from(tensor.data);
  }
  return attributes.floats(name, []);
}

function sameLength(first: readonly unknown[], others: readonly (readonly unknown[])[], what: string): void {
  if (others.some(({ length }) => length !== first.length)) throw malformed(`its ${what} lists differ in length`);
}

const malformed = (message: string): UnsupportedError => new UnsupportedError(message, 'Re-export the model.');

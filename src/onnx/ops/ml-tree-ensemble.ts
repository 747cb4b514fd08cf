import type { ValueId } from '../../graph/builder.ts';
import type { TreeTest } from '../../graph/tree.ts';
import type { Attributes } from '../attributes.ts';
import { type PostTransform, postTransform } from '../ml/post-transform.ts';
import { featureRows } from '../ml/rows.ts';
import { type LooseNode, type LooseTrees, layoutTrees } from '../ml/tree-layout.ts';
import { type Aggregate, aggregateTrees } from '../ml/trees.ts';
import type { OpContext, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The codes of TreeEnsemble (ai.onnx.ml 5), which replaced the names of the older operators. */
const aggregates: readonly Aggregate[] = ['AVERAGE', 'SUM', 'MIN', 'MAX'];
const transforms: readonly PostTransform[] = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'];
const tests: readonly (TreeTest | 'member')[] = ['le', 'lt', 'ge', 'gt', 'eq', 'ne', 'member'];

function treeEnsemble(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const rows = featureRows(context);
  const dtype = b.dtype(rows.x);
  const aggregate = aggregates[attributes.int('aggregate_function', 1)];
  const transform = transforms[attributes.int('post_transform', 0)];
  if (aggregate === undefined || transform === undefined) throw malformed('an aggregate or transform is unknown');
  const settings = { features: rows.features, targets: attributes.int('n_targets', 1), single: dtype !== 'float64' };
  const ensemble = layoutTrees(readNodes(attributes), settings);
  return [postTransform(b, aggregateTrees(b, rows, ensemble, aggregate, dtype), transform)];
}

/** Inner nodes and leaves are numbered apart; a membership test becomes a chain of equalities to one child. */
function readNodes(attributes: Attributes): LooseTrees {
  const features = attributes.ints('nodes_featureids');
  const yes = attributes.ints('nodes_truenodeids');
  const no = attributes.ints('nodes_falsenodeids');
  const yesIsLeaf = attributes.ints('nodes_trueleafs');
  const noIsLeaf = attributes.ints('nodes_falseleafs');
  const modes = numbers(attributes, 'nodes_modes');
  const splits = numbers(attributes, 'nodes_splits');
  const targets = attributes.ints('leaf_targetids');
  const weights = numbers(attributes, 'leaf_weights');
  const count = features.length;
  const lists = [yes, no, yesIsLeaf, noIsLeaf, modes, splits];
  if (lists.some(({ length }) => length !== count) || targets.length !== weights.length) {
    throw malformed('its lists differ in length');
  }
  const sets = membershipSets(attributes);
  const child = (isLeaf: number, index: number): number => {
    const limit = isLeaf === 0 ? count : targets.length;
    if (!(index >= 0 && index < limit)) throw malformed(`a tree refers to node ${index} of ${limit}`);
    return isLeaf === 0 ? index : count + index;
  };
  const nodes: LooseNode[] = new Array(count);
  targets.forEach((target, leaf) => {
    nodes[count + leaf] = { weights: [[target, weights[leaf]]] };
  });
  for (let i = 0; i < count; i++) {
    const test = tests[modes[i]];
    if (test === undefined) throw malformed(`node mode ${modes[i]} is unknown`);
    const branch = { feature: features[i], left: child(yesIsLeaf[i], yes[i]), right: child(noIsLeaf[i], no[i]) };
    if (test !== 'member') {
      nodes[i] = { ...branch, test, threshold: splits[i] };
      continue;
    }
    const members = sets.shift();
    if (members === undefined || members.length === 0) throw malformed('a membership test has no values');
    let otherwise = branch.right;
    for (const threshold of members.slice(1)) {
      otherwise = nodes.push({ ...branch, test: 'eq', threshold, right: otherwise }) - 1;
    }
    nodes[i] = { ...branch, test: 'eq', threshold: members[0], right: otherwise };
  }
  const roots = attributes.ints('tree_roots');
  if (roots.some((root) => !(root >= 0 && root < count))) throw malformed('a tree starts at a node that is missing');
  return { roots, nodes };
}

/** The values of each membership test in the order of the nodes; a NaN ends a set. */
function membershipSets(attributes: Attributes): number[][] {
  const sets: number[][] = [];
  let current: number[] = [];
  for (const value of attributes.has('membership_values') ? numbers(attributes, 'membership_values') : []) {
    if (Number.isNaN(value)) {
      sets.push(current);
      current = [];
    } else current.push(value);
  }
  if (current.length > 0) sets.push(current);
  return sets;
}

function numbers(attributes: Attributes, name: string): Float64Array {
  const tensor = attributes.tensor(name);
  if (tensor.dtype === 'string') throw malformed(`${name} holds strings`);
  return tensor.data;
}

const malformed = (message: string): UnsupportedError => new UnsupportedError(message, 'Re-export the model.');

export const ops: OpTable = { TreeEnsemble: treeEnsemble };
